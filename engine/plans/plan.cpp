// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/plans/plan.h"
#include <fmt/format.h>
#include <functional>
#include <initializer_list>
#include <numeric>

namespace engine {
namespace {

using Kind = Operation::Kind;

/// Appends operations and keeps track of the shape that flows through them.
class Planner {
public:
    explicit Planner(NetworkPlan &plan) : m_plan{plan}, m_channels{plan.channels}, m_height{plan.height}, m_width{plan.width} {}

    void section(std::string_view name)
    {
        m_section = name;
        m_index = 0;
    }
    void convolution(int out, int kernel, int stride, int padding, bool batchNorm)
    {
        add({.kind = Kind::Convolution, .name = {}, .in = m_channels, .out = out, .kernel = kernel, .stride = stride,
             .padding = padding, .bias = !batchNorm});
        m_channels = out;
        m_height = (m_height + 2 * padding - kernel) / stride + 1;
        m_width = (m_width + 2 * padding - kernel) / stride + 1;
        if (!batchNorm)
            return relu();
        add({.kind = Kind::BatchNormRelu, .name = {}, .in = out, .out = out});
        ++m_index; // the rectifier's
    }
    void relu() { add({.kind = Kind::Relu, .name = {}}); }
    void dropout(double rate) { add({.kind = Kind::Dropout, .name = {}, .rate = rate}); }
    void pool()
    {
        add({.kind = Kind::MaxPool, .name = {}, .kernel = 2, .stride = 2});
        m_height = (m_height + 1) / 2;
        m_width = (m_width + 1) / 2;
    }
    void flatten()
    {
        add({.kind = Kind::Flatten, .name = {}});
        m_units = static_cast<std::int64_t>(m_channels) * m_height * m_width;
    }
    void linear(std::int64_t out)
    {
        add({.kind = Kind::Linear, .name = {}, .in = m_units, .out = out, .bias = true});
        m_units = out;
    }

private:
    void add(Operation operation)
    {
        operation.name = fmt::format("{}.{}", m_section, m_index++);
        m_plan.operations.push_back(std::move(operation));
    }

    NetworkPlan &m_plan;
    std::string m_section;
    int m_index = 0;
    int m_channels, m_height, m_width;
    std::int64_t m_units = 0;
};

void planLenet5(Planner &planner, const NetworkPlan &plan)
{
    planner.section("features");
    planner.convolution(6, 5, 1, plan.height < 32 ? 2 : 0, false);
    planner.pool();
    planner.convolution(16, 5, 1, 0, false);
    planner.pool();
    planner.section("classifier");
    planner.flatten();
    planner.linear(120);
    planner.relu();
    planner.linear(84);
    planner.relu();
    planner.linear(plan.classes);
}

/// Channels of 3×3 convolutions with batch-norm; 0 is a pooling.
void planVggFeatures(Planner &planner, std::initializer_list<int> channels)
{
    planner.section("features");
    for (const int out : channels) {
        if (out == 0)
            planner.pool();
        else
            planner.convolution(out, 3, 1, 1, true);
    }
}

void planVggSmall(Planner &planner, const NetworkPlan &plan)
{
    planVggFeatures(planner, {32, 32, 0, 64, 64, 0, 128, 128, 0});
    planner.section("classifier");
    planner.flatten();
    planner.linear(256);
    planner.relu();
    planner.linear(plan.classes);
}

void planHead4096(Planner &planner, int classes)
{
    for (int hidden = 0; hidden < 2; ++hidden) {
        planner.dropout(0.5);
        planner.linear(4096);
        planner.relu();
    }
    planner.linear(classes);
}

void planAlexnet(Planner &planner, const NetworkPlan &plan)
{
    planner.section("features");
    planner.convolution(64, 3, 2, 1, false);
    planner.pool();
    planner.convolution(192, 3, 1, 1, false);
    planner.pool();
    planner.convolution(384, 3, 1, 1, false);
    planner.convolution(256, 3, 1, 1, false);
    planner.convolution(256, 3, 1, 1, false);
    planner.pool();
    planner.section("classifier");
    planner.flatten();
    planHead4096(planner, plan.classes);
}

void planVgg16(Planner &planner, const NetworkPlan &plan)
{
    planVggFeatures(planner, {64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0});
    planner.section("classifier");
    planner.flatten();
    if (plan.model == "vgg16-4096")
        planHead4096(planner, plan.classes);
    else
        planner.linear(plan.classes);
}

} // namespace

std::vector<LayerInfo> NetworkPlan::layers() const
{
    std::vector<LayerInfo> result;
    for (const auto &operation : operations) {
        LayerInfo info;
        if (operation.kind == Kind::Convolution)
            info = {.id = {}, .name = {}, .kind = "conv", .shape = {operation.out, operation.in, operation.kernel, operation.kernel}};
        else if (operation.kind == Kind::Linear)
            info = {.id = {}, .name = {}, .kind = "linear", .shape = {operation.out, operation.in}};
        else
            continue;
        info.id = LayerId{static_cast<std::uint16_t>(result.size())};
        info.name = operation.name;
        info.weightCount = static_cast<std::uint64_t>(
            std::accumulate(info.shape.begin(), info.shape.end(), std::int64_t{1}, std::multiplies{}));
        result.push_back(std::move(info));
    }
    return result;
}

std::uint64_t NetworkPlan::quantizedWeights() const
{
    std::uint64_t total = 0;
    for (const auto &layer : layers())
        total += layer.weightCount;
    return total;
}

std::uint64_t NetworkPlan::floatParameters() const
{
    std::uint64_t total = 0;
    for (const auto &operation : operations) {
        if (operation.kind == Kind::BatchNormRelu)
            total += 4 * static_cast<std::uint64_t>(operation.out); // scale, shift, mean, variance
        else if (operation.bias)
            total += static_cast<std::uint64_t>(operation.out);
    }
    return total;
}

std::string networkName(std::string_view model)
{
    return std::string{model.substr(model.find_last_of("/:") + 1)};
}

Result<NetworkPlan> planNetwork(std::string_view model, const ImageShape &images, int classes)
{
    if ((images.channels != 1 && images.channels != 3) || images.height < 16 || images.width < 16)
        return fail(ErrorCode::Unsupported,
                    fmt::format("Network {}: expected images of 1 or 3 channels and at least 16×16 pixels, found {}×{}×{}.",
                                model, images.channels, images.height, images.width));
    NetworkPlan plan{.model = std::string{model}, .channels = images.channels, .height = images.height,
                     .width = images.width, .classes = classes, .operations = {}, .channelsLast = model != "lenet5"};
    Planner planner{plan};
    if (model == "lenet5")
        planLenet5(planner, plan);
    else if (model == "vgg-small")
        planVggSmall(planner, plan);
    else if (model == "alexnet")
        planAlexnet(planner, plan);
    else if (model == "vgg16" || model == "vgg16-4096")
        planVgg16(planner, plan);
    else
        return fail(
            ErrorCode::BadValue,
            fmt::format("Network: expected lenet5, vgg-small, alexnet, vgg16, vgg16-4096 or torchscript:FILE, found \"{}\".", model));
    return plan;
}

} // namespace engine
