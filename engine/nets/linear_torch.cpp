// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/nets/linear_torch.h"
#include "engine/core/memory_torch.h"
#include <torch/torch.h>
#include <utility>

namespace engine {
namespace {

/// What the gradient of a kernel that lies in `kernel` goes to; undefined if somebody else still needs that.
torch::Tensor placeOf(torch::Tensor kernel)
{
    return kernel.is_contiguous() && isOnlyHandle(kernel) ? sameMemory(kernel) : torch::Tensor{};
}

/// A plain node: an autograd Function would keep handles to what passes through it.
class Linear : public torch::autograd::Node {
public:
    Linear(torch::Tensor x, torch::Tensor kernel) : m_x{std::move(x)}, m_kernel{std::move(kernel)} {}

    std::string name() const override { return "Linear"; }

    torch::autograd::variable_list apply(torch::autograd::variable_list &&gradients) override
    {
        TORCH_CHECK(m_kernel.defined(), "linear: a second backward pass");
        const torch::Tensor toY = gradients[0];
        torch::Tensor kernel = std::exchange(m_kernel, {});
        const torch::Tensor x = std::exchange(m_x, {});
        torch::autograd::variable_list results(3);
        if (!toY.defined())
            return results;
        if (task_should_compute_output(0))
            results[0] = toY.mm(kernel);
        if (task_should_compute_output(1)) {
            torch::Tensor place = placeOf(std::move(kernel));
            results[1] = place.defined() ? at::mm_out(place, toY.t(), x) : toY.t().mm(x);
        }
        if (task_should_compute_output(2))
            results[2] = toY.sum(0);
        return results;
    }

    void release_variables() override
    {
        m_x.reset();
        m_kernel.reset();
    }

private:
    torch::Tensor m_x, m_kernel;
};

} // namespace

torch::Tensor applyLinear(const torch::Tensor &x, const torch::Tensor &kernel, const torch::Tensor &bias)
{
    torch::Tensor y;
    {
        torch::NoGradGuard noGradient;
        y = torch::linear(x, kernel, bias);
    }
    const bool isTrained = x.requires_grad() || kernel.requires_grad() || (bias.defined() && bias.requires_grad());
    if (torch::GradMode::is_enabled() && isTrained) {
        const std::shared_ptr<Linear> node{new Linear{x, kernel}, torch::autograd::deleteNode};
        const torch::autograd::variable_list inputs{x, kernel, bias};
        node->set_next_edges(torch::autograd::collect_next_edges(at::ArrayRef<torch::Tensor>{inputs}));
        torch::autograd::create_gradient_edge(y, node);
    }
    return y;
}

} // namespace engine
