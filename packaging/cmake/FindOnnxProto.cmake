# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ONNX's messages, as the target OnnxProto::OnnxProto. Of Debian's own configuration file the targets of other
# parts are not needed; it does not look for protobuf.
include(CondensateFind)
condensate_find(OnnxProto onnx/onnx_pb.h onnx_proto NEEDS protobuf DEFINITIONS ONNX_NAMESPACE=onnx ONNX_ML=1)
