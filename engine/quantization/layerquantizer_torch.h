// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/frame.h"
#include "engine/codebooks/codebookshape.h"
#include "engine/regularizers/regularizer.h"
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <torch/types.h>
#include <vector>

namespace engine {

class WeightWalk;
struct ScaledCodebook;

/// What a layer computes with, and what trains.
enum class ForwardMode {
    Float,    ///< the latent weights; no regularizer
    Latent,   ///< the latent weights; the regularizer ties them to the representatives
    Snapped,  ///< ŵ_i = r_a(i); straight-through gradient to w_i, cumulative gradient to r_a(i), and the regularizer
    Committed ///< r_c(i) with frozen codes c: only the representatives train
};

/// How hard the regularizer and its auxiliary terms pull at one step; see RegularizerScale, SoftOccupancy and
/// Repulsion.
struct RegularizerStrength {
    double lambda = 0;
    double temperature = 1;
    double entropy = 0; ///< β
    double repulsion = 0;
    double stiffest = std::numeric_limits<double>::infinity(); ///< what bounds the entropy term, see EntropyPull
};

/// The regularizer of one layer: kernel W (n), representatives r (k, a trainable tensor) and one autograd
/// function that in its backward pass does assignment, regularizer loss, weight gradient, representative
/// gradient and occupancy in one walk over W. Memory beyond W and its gradient: ŵ (n floats) in Snapped,
/// unless it is made ahead in the gradient's place; codes (n bytes) when Committed; nothing else. Kernels of
/// float32 in the CPU's memory, without gaps, are walked over on all processors, others of float32 or float64
/// by LibTorch's operations, wherever they lie (weightwalk_torch.h); r is of float32 in the CPU's memory for
/// all. Training thread only.
class LayerQuantizer {
public:
    /// `kernel`: parameter of float32 or float64, shared with the network; best without gaps, last dimension
    /// or channels fastest. Weights, codes and parts below are then in the order of its memory, else of its
    /// shape. Fails (c10::Error) for other types.
    LayerQuantizer(LayerInfo info, torch::Tensor kernel);
    ~LayerQuantizer();

    /// Which R ties weights and representatives, and what codebooks are held to beyond what R asks. `sigma`: see
    /// RegularizerScale; 1 is taken where it is not a positive number. In force from the next `attach` on.
    void setRegularizer(const RegularizerSpec &regularizer, double sigma, CodebookShape shape = {});
    /// Sets r as it is and starts trajectories 0 … k−1. Requires: 1 … 256 finite ascending values.
    void setRepresentatives(std::span<const float> ascending);
    /// Lets r continue some of so many trajectories. Requires: k different numbers below `trajectories`.
    void setIdentity(std::vector<std::uint16_t> identity, std::size_t trajectories);
    /// Sets π of a regularizer that mixes, which then learns it; none makes it uniform, as does setting the
    /// representatives.
    /// Requires: k values as keepMixing leaves them, or none.
    void setMixing(std::vector<double> mixing);
    /// Freezes the assignment at a(i), or at `codes` (n, each < k), and moves the latent weights onto their
    /// representatives.
    void commit();
    void commitTo(std::vector<CodeIndex> codes);

    /// The weights to compute with, attached to the graph: its backward fills kernel.grad and representatives.grad and
    /// renews `lastPass`. The strength is used at backward time:
    ///   kernel.grad            = ∂L/∂w + λ ∂R/∂w_i + β ∂E/∂w_i, the last within its bound
    ///   representatives.grad_j = [λ > 0] ∂R/∂r_j ÷ mass_j  +  [snapped] Σ_{a(i)=j} ∂L/∂ŵ_i ÷ √n_j  +  repulsion ∂/∂r_j
    /// With nearest-l2 the first term is r_j − mean_{a(i)=j} w_i. A sum over no weights is 0. The entropy term moves no
    /// representatives (SoftOccupancy).
    torch::Tensor attach(ForwardMode mode, const RegularizerStrength &strength);
    /// What the backward pass of `attach` does with the task's gradient to ŵ, which is changed in place;
    /// renews `lastPass`. Gives the representatives' gradient (k). For attachKernel.
    torch::Tensor passBack(ForwardMode mode, const RegularizerStrength &strength, const torch::Tensor &gradient);
    torch::Tensor takeSnapped(); ///< ŵ, made ahead or now
    /// ŵ for the next `attach`, made part by part by whoever moves the weights, which spares a walk over
    /// them: begin once the representatives have their new values, then snap every part [from, to) once its
    /// weights have theirs. Parts may come on several threads. Forgotten when the representatives change
    /// again. `memory`: where ŵ may lie, a tensor like the kernel that nobody needs but whoever moves the
    /// weights, and he only until a part is snapped: the kernel's gradient, so that ŵ takes no memory of its
    /// own, for a layer's ŵ is freed when its next gradient arrives. Undefined, or lying in another order: a
    /// tensor of its own.
    void beginSnapAhead(const torch::Tensor &memory);
    void snapAhead(std::size_t from, std::size_t to);
    /// ŵ as a plain tensor of the kernel's shape, for evaluation.
    torch::Tensor snapped() const;
    std::vector<CodeIndex> codes() const; ///< a(i), or the frozen codes (n)

    /// No |value| that the last backward pass left in the kernel's gradient is larger. Infinite or no number where that
    /// cannot be told from its sums.
    double gradientBound() const noexcept { return m_gradientBound; }

    /// One gradient step of the representatives, then projects them onto the shape of codebook and sorts
    /// them; the permutation is recorded in `identity`. π, where it is learnt, follows at the same rate
    /// (stepMixing), λ or not. Where the outcome is not finite, the step is not taken.
    void stepRepresentatives(double rate);
    bool staysFinite(double rate) const; ///< whether such a step is taken
    /// The same for layers with one codebook between them: it steps as that of one layer with the weights of
    /// all, by the sums of their last passes. `strength`: of the first layer.
    /// Requires: the same representatives, regularizer, shape and σ.
    static void stepShared(std::span<LayerQuantizer *const> layers, ForwardMode mode, const RegularizerStrength &strength, double rate);
    static bool sharedStaysFinite(std::span<LayerQuantizer *const> layers, ForwardMode mode, const RegularizerStrength &strength,
                                  double rate);

    /// Forgets the representatives' gradient, where a step is not taken; it would add up with the next.
    void dropGradient() { m_representatives.mutable_grad().reset(); }
    /// From now on all but the kernel's steps can be undone: backward passes, `commit`, and whatever changes the
    /// codebook but a step of it. Costs a copy of the codebook, and with `commit` one of the kernel.
    void keep();
    void putBack();  ///< how it was at the last `keep`; no gradient is left
    void forgetKept() { m_kept.reset(); }

    /// See revival.h; the permutation is recorded in `identity`. A grid has no single representatives to move: 0.
    std::size_t reviveDead();
    /// Leaves out of r what `staying` (dropping.h) does not list; codes count anew, ŵ is the same. Returns
    /// how many went. A grid and a committed layer keep all.
    std::size_t dropDead();

    const LayerInfo &info() const noexcept { return m_info; }
    const torch::Tensor &kernel() const noexcept { return m_kernel; }
    const torch::Tensor &representatives() const noexcept { return m_representatives; } ///< (k) leaf with gradient
    std::span<const float> weights() const;        ///< the latent values (n); see WeightWalk::weights
    std::span<const float> codebook() const;       ///< r (k) ascending
    const std::vector<std::uint16_t> &identity() const noexcept { return m_identity; }
    const std::vector<double> &mixing() const noexcept { return m_mixing; } ///< π (k); empty: uniform
    std::size_t trajectories() const noexcept { return m_trajectories; } ///< k when r was set; those dropped since have ended
    bool isCommitted() const noexcept { return !m_frozen.empty(); }
    const RegularizerSpec &regularizer() const noexcept { return *m_regularizer; }
    CodebookShape shape() const noexcept; ///< that of the regularizer and that asked for
    double sigma() const noexcept { return m_sigma; }
    const std::optional<RegularizerSums> &lastPass() const noexcept { return m_lastPass; } ///< of the last backward
    NearestSums measure() const;                                   ///< a pass without gradients, over the current weights
    /// The same with R. Once committed nothing pulls and R counts as 0.
    RegularizerSums measureRegularizer(double temperature) const;
    /// λR + βE + repulsion over the current weights. `sums`: what measureRegularizer just gave.
    double loss(const RegularizerSums &sums, const RegularizerStrength &strength) const;

private:
    ScaledCodebook scaledCodebook(double temperature) const; ///< with uniform π, as the entropy term has it
    ScaledCodebook mixedCodebook(double temperature) const;  ///< with π
    RegularizerSums pull(const RegularizerStrength &strength, const torch::Tensor &gradient) const;
    double pullEntropy(const RegularizerStrength &strength, const torch::Tensor &gradient) const; ///< Σ of its squares
    std::vector<double> slopes(const RegularizerSums &sums, ForwardMode mode, const RegularizerStrength &strength) const; ///< see attach
    RegularizerSums measureFrozen(const torch::Tensor &gradient) const; ///< an undefined gradient is none
    torch::Tensor emptyLikeKernel() const;                              ///< lies in the order of the weights, without gaps
    void forgetSnapAhead();
    /// A step of the codebook that is not taken yet.
    struct Move {
        std::vector<float> values; // r (k)
        std::vector<double> mixing; // π (k) or none
        std::vector<std::size_t> before; // the place before of each
        bool isFinite = false;           // else the rest means nothing
    };
    Move moved(std::span<const double> slopes, std::span<const double> masses, double rate) const;
    Move movedAlone(double rate) const;
    static Move movedTogether(std::span<LayerQuantizer *const> layers, ForwardMode mode, const RegularizerStrength &strength, double rate);
    void take(const Move &move);
    void follow(const LayerQuantizer &other, std::span<const std::size_t> before);
    void recode(std::span<const std::size_t> before); ///< the frozen codes, after `before` gave each place its place before
    std::vector<std::size_t> sortRepresentatives(); ///< gives the place before of each

    LayerInfo m_info;
    torch::Tensor m_kernel;
    std::unique_ptr<WeightWalk> m_walk;
    torch::Tensor m_representatives;
    std::vector<std::uint16_t> m_identity;
    std::size_t m_trajectories = 0;
    std::vector<double> m_mixing; // π
    std::vector<CodeIndex> m_frozen;
    std::optional<RegularizerSums> m_lastPass;
    const RegularizerSpec *m_regularizer = &regularizers().front();
    double m_sigma = 1;
    CodebookShape m_shape; // asked for
    std::optional<NearestCells> m_aheadCells;
    torch::Tensor m_ahead; // ŵ, where it was made ahead
    double m_gradientBound = 0;
    struct Kept {
        std::vector<float> representatives;
        std::vector<std::uint16_t> identity;
        std::size_t trajectories;
        std::vector<double> mixing;
        std::optional<RegularizerSums> lastPass;
        const RegularizerSpec *regularizer;
        double sigma;
        CodebookShape shape;
        torch::Tensor kernel; // where it was committed since
    };
    std::optional<Kept> m_kept;
};

} // namespace engine
