# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ONNX's messages, as the target OnnxProto::OnnxProto. Of Debian's own configuration file the targets of other parts are not needed; it does not look for protobuf.
find_path(OnnxProto_INCLUDE_DIR onnx/onnx_pb.h)
find_library(OnnxProto_LIBRARY onnx_proto)
find_library(OnnxProto_PROTOBUF_LIBRARY protobuf)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OnnxProto REQUIRED_VARS OnnxProto_LIBRARY OnnxProto_PROTOBUF_LIBRARY OnnxProto_INCLUDE_DIR)
if(OnnxProto_FOUND AND NOT TARGET OnnxProto::OnnxProto)
    add_library(OnnxProto::OnnxProto UNKNOWN IMPORTED)
    set_target_properties(OnnxProto::OnnxProto PROPERTIES
        IMPORTED_LOCATION "${OnnxProto_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${OnnxProto_INCLUDE_DIR}"
        INTERFACE_COMPILE_DEFINITIONS "ONNX_NAMESPACE=onnx;ONNX_ML=1" INTERFACE_LINK_LIBRARIES "${OnnxProto_PROTOBUF_LIBRARY}")
endif()
mark_as_advanced(OnnxProto_INCLUDE_DIR OnnxProto_LIBRARY OnnxProto_PROTOBUF_LIBRARY)
