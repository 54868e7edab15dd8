// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/ids.h"
#include "engine/core/parameters.h"

namespace engine {
namespace {

using namespace std::string_view_literals;

constexpr std::array kModels = {"lenet5"sv, "vgg-small"sv, "alexnet"sv, "vgg16"sv, "vgg16-4096"sv};
constexpr std::array kRegularizers = {"nearest-l2"sv, "nearest-l1"sv, "soft-min"sv, "product"sv, "harmonic"sv, "periodic"sv};
constexpr std::array kMixings = {"uniform"sv, "learnt"sv};
constexpr std::array kForwardModes = {"snapped"sv, "latent"sv, "float"sv};
constexpr std::array kInitialisers = {"kmeans"sv, "linear"sv, "percentile"sv, "quantile"sv, "uniform-zero"sv};
constexpr std::array kScopes = {"layer"sv, "channels"sv, "unified"sv};
constexpr std::array kSwitch = {"off"sv, "on"sv};
constexpr std::array kDead = {"keep"sv, "revive"sv, "drop"sv};
constexpr std::array kRamps = {"exponential"sv, "linear"sv};
constexpr std::array kOptimizers = {"sgd"sv, "adam"sv};
constexpr std::array kSchedules = {"cosine"sv, "step"sv, "constant"sv};
constexpr std::array kAugmentations = {"auto"sv, "pad-crop-flip"sv, "pad-crop"sv, "none"sv};

constexpr auto kTable = std::to_array<ParameterSpec>({
    {ParameterId::Data, "data", "Data", "Experiment", "", TextRange{"fashion-mnist"}, Change::BeforeStart,
     "Images to learn from: fashion-mnist, fashion-mnist:DIR, cifar10:PATH (a folder with the .bin files or "
     "cifar-10-binary.tar.gz), cifar100:PATH, folder:DIR (PNG and JPEG images of your own, DIR/train/CLASS "
     "and DIR/test/CLASS, or DIR/CLASS, where every fifth image by name is for the test; unless they are of "
     "one size and small they become 32×32, with folder:DIR@64 always 64×64), idx:DIR (images of your own in "
     "four IDX files named as MNIST's are), hdf5:FILE (images of your own), or generated (made-up patterns, "
     "for tests only)."},
    {ParameterId::Model, "model", "Network", "Experiment", "", ChoiceRange{"lenet5", kModels, "torchscript:"}, Change::BeforeStart,
     "Network to train. `condensate models` lists layers, shapes and weight counts. torchscript:FILE trains a "
     "network of your own, as torch.jit.save writes it (float32, one tensor of images in, logits out): it "
     "starts from the weights in the file, and its convolution and linear kernels are quantized."},
    {ParameterId::StartWeights, "weights", "Start weights", "Experiment", "", TextRange{""}, Change::BeforeStart,
     "File whose weights the network starts from instead of random ones: .safetensors or a TorchScript "
     "module, with tensors named as the network's. With a warm-up share of 0 they are quantized at once."},
    {ParameterId::CodebookSize, "k", "Representatives k", "Quantization", "", WholeRange{4, 1, kMaxRepresentatives}, Change::BeforeStart,
     "Representatives of each layer: the number of different values its weights may take in the end."},
    {ParameterId::Scope, "scope", "A codebook for each", "Quantization", "", ChoiceRange{"layer", kScopes}, Change::BeforeStart,
     "layer: every layer has a codebook of its own. channels: every range of neighbouring output channels of "
     "a layer has one. unified: all convolutions share one, and all linear layers another."},
    {ParameterId::ChannelGroups, "channel-groups", "Ranges of channels", "Quantization", "", WholeRange{4, 2, 64}, Change::BeforeStart,
     "Into how many ranges the output channels of a layer are divided where every range has a codebook of its own."},
    {ParameterId::Lambda, "lambda", "Strength λ", "Quantization", "", RealRange{0.1, 0.0, 1000.0, true}, Change::Live,
     "Strength of the regularizer, a spring constant: the pull on a weight is λ times its distance to the nearest "
     "representative, on the scale of weight decay. The useful range spans decades: about 0.01 to 1 with a snapped forward pass, 0.1 to "
     "100 with a latent one. 0 switches it off."},
    {ParameterId::Regularizer, "regularizer", "Regularizer R", "Quantization", "", ChoiceRange{"nearest-l2", kRegularizers},
     Change::BeforeStart, "The term R that ties weights w to representatives r; λ times it is added to the loss."},
    {ParameterId::Mixing, "mixing", "Mixing of soft-min", "Quantization", "", ChoiceRange{"uniform", kMixings}, Change::Live,
     "Proportions πⱼ of soft-min. uniform: all are 1/k. learnt: they begin as the shares of weights in each "
     "cell, and in every step each moves, at the rate of representatives, towards its share of the weights as "
     "soft-min divides them. Full representatives then draw weights from further away. Other regularizers "
     "have none."},
    {ParameterId::Forward, "forward", "Forward pass", "Quantization", "", ChoiceRange{"snapped", kForwardModes}, Change::BeforeStart,
     "snapped: the network computes with the representatives, gradients pass straight through to the weights. latent: it computes "
     "with the weights and the regularizer alone ties them to the representatives. float: no quantization, the reference."},
    {ParameterId::Initialiser, "init", "Codebook start", "Quantization", "", ChoiceRange{"kmeans", kInitialisers}, Change::BeforeStart,
     "How representatives are chosen when warm-up ends. kmeans: exact one-dimensional k-means. linear: "
     "equally spaced over the weights' range. percentile: the same without the outermost per cent at each "
     "end. quantile: as many weights in each cell. uniform-zero: a uniform grid with a level at 0."},
    {ParameterId::Entropy, "entropy", "Entropy term β", "Quantization", "", RealRange{0.0, 0.0, 1000.0, true}, Change::Live,
     "Pushes weights out of rare cells, so that the coded size shrinks: β σ² n H of the soft occupancy at temperature τ. 0 switches it "
     "off. It ramps up with λ."},
    {ParameterId::Repulsion, "repulsion", "Repulsion", "Quantization", "", RealRange{0.0, 0.0, 1000.0, true}, Change::Live,
     "Keeps representatives apart: σ² Σ exp(−(rⱼ − rₘ)²/s²) over all pairs, s = σ/k. "
      "0 switches it off. It ramps up with λ."},
    {ParameterId::PinZero, "pin-zero", "Pin a zero", "Quantization", "", ChoiceRange{"off", kSwitch}, Change::BeforeStart,
     "Holds the representative nearest to 0 at 0: weights there need no multiplication and code well."},
    {ParameterId::Symmetric, "symmetric", "Symmetric codebook", "Quantization", "", ChoiceRange{"off", kSwitch}, Change::BeforeStart,
     "Keeps representatives in pairs ±r."},
    {ParameterId::Dead, "dead", "Dead representatives", "Quantization", "", ChoiceRange{"keep", kDead}, Change::Live,
     "What becomes of a representative that has no weights. keep: it stays where it is. revive: at the start "
     "of every epoch of the cluster stage it takes half of the fullest cell. drop: at the start of every "
     "epoch of the cluster stage and at the end of that stage it leaves the codebook for good, and k of that "
     "layer shrinks; a pinned zero stays, of a symmetric codebook a pair goes if both are dead. A uniform "
     "grid has none to revive or drop."},
    {ParameterId::Layers, "layers", "Single layers", "Quantization", "", TextRange{""}, Change::Live,
     "Settings of single layers by name pattern, * for any characters: features.*:k=16,lambda=0.3; "
     "classifier.5:ramp=linear,ramp-share=0.5. k, lambda, regularizer, init, ramp, ramp-start and ramp-share "
     "can be given, or float, which leaves a layer as it is; λ and the parts of a ramp can be global, to follow the "
     "network's. Of several rules that fit a layer the last one counts. Once a run has begun, only λ and the ramps "
     "can change."},
    {ParameterId::Epochs, "epochs", "Epochs", "Stages", "", WholeRange{20, 1, 100000}, Change::Live,
     "Passes over the training images, all stages together. A run that has begun can be lengthened: finished stages keep "
     "their steps, the new ones belong to the stage that it is in, or was in last."},
    {ParameterId::WarmupShare, "warmup-share", "Warm-up share", "Stages", "", RealRange{0.5, 0.0, 1.0}, Change::BeforeStart,
     "Share of all steps that trains the plain network before the codebooks are made. 0 starts with them."},
    {ParameterId::CommitShare, "commit-share", "Commit share", "Stages", "", RealRange{0.1, 0.0, 1.0}, Change::BeforeStart,
     "Share of all steps at the end in which assignments are frozen and only representatives, biases and batch-norm go on training."},
    {ParameterId::Ramp, "ramp", "λ ramp", "Stages", "", ChoiceRange{"exponential", kRamps}, Change::Live,
     "How λ grows to its target while the weights cluster: by equal factors (exponential) or by equal differences (linear)."},
    {ParameterId::RampStart, "ramp-start", "λ ramp start", "Stages", "× λ", RealRange{0.01, 0.0001, 1.0, true}, Change::Live,
     "λ at the start of the cluster stage, as a fraction of its target."},
    {ParameterId::RampShare, "ramp-share", "λ ramp length", "Stages", "× stage", RealRange{1.0, 0.0, 1.0}, Change::Live,
     "Share of the cluster stage after which λ reaches its target."},
    {ParameterId::TemperatureStart, "tau-start", "τ at the start", "Stages", "× σ²", RealRange{0.3, 0.0001, 100.0, true}, Change::Live,
     "Temperature of soft-min when clustering begins, in units of the variance of a layer's weights. Other regularizers have none."},
    {ParameterId::TemperatureEnd, "tau-end", "τ at the end", "Stages", "× σ²", RealRange{0.003, 0.0001, 100.0, true}, Change::Live,
     "Temperature of soft-min when the λ ramp ends; it falls there by equal factors."},
    {ParameterId::Optimizer, "optimizer", "Optimizer", "Training", "", ChoiceRange{"sgd", kOptimizers}, Change::BeforeStart,
     "sgd: stochastic gradient descent with Nesterov momentum. adam: Adam with decoupled weight decay."},
    {ParameterId::LearningRate, "lr", "Learning rate", "Training", "", RealRange{0.05, 0.0, 10.0, true}, Change::Live,
     "Peak learning rate of the warm-up stage."},
    {ParameterId::ClusterRate, "cluster-lr", "Rate while clustering", "Training", "", RealRange{0.05, 0.0, 10.0, true}, Change::Live,
     "Peak learning rate of the cluster stage. The commit stage begins at a tenth of it."},
    {ParameterId::RepresentativeRate, "representative-lr", "Rate of representatives", "Training", "", RealRange{0.005, 0.0, 1.0, true},
     Change::Live,
     "How far a representative moves in a step, as a fraction of the mean distance to its weights, at the peak learning rate. "
     "Much higher and representatives collapse early."},
    {ParameterId::Schedule, "schedule", "Rate schedule", "Training", "", ChoiceRange{"cosine", kSchedules}, Change::BeforeStart,
     "How the learning rate falls within each stage. cosine: to nothing. step: to a tenth at half and a hundredth at three quarters. "
     "constant: not at all."},
    {ParameterId::RateRise, "rate-rise", "Rate rise", "Training", "× stage", RealRange{0.05, 0.0, 1.0}, Change::Live,
     "Share of the warm-up and of the cluster stage over which the learning rate rises in a line to its schedule. 0 starts at the peak, "
     "which a small network at a lively rate may not survive."},
    {ParameterId::Momentum, "momentum", "Momentum", "Training", "", RealRange{0.9, 0.0, 0.999}, Change::BeforeStart,
     "Nesterov momentum of sgd; adam's first decay rate."},
    {ParameterId::WeightDecay, "weight-decay", "Weight decay", "Training", "", RealRange{0.0005, 0.0, 1.0, true}, Change::Live,
     "Pull of the kernels towards 0. Biases, batch-norm and representatives feel none."},
    {ParameterId::BatchSize, "batch-size", "Minibatch", "Training", "images", WholeRange{128, 1, 4096}, Change::BeforeStart,
     "Images that one training step looks at."},
    {ParameterId::Augment, "augment", "Augmentation", "Training", "", ChoiceRange{"auto", kAugmentations}, Change::BeforeStart,
     "Random shifts (pad-crop) and mirror images (flip, where the data allow it) of the training images. auto: both for colour images, "
     "none for grey ones."},
    {ParameterId::ValidationShare, "validation-share", "Validation share", "Measuring", "", RealRange{0.1, 0.01, 0.5}, Change::BeforeStart,
     "Share of the training images that is held back for validation: everything shown live is measured on it."},
    {ParameterId::Seed, "seed", "Seed", "Measuring", "", WholeRange{1, 0, 9223372036854775807}, Change::BeforeStart,
     "Fixes split, start weights, order and augmentation. The same seed and thread count give the same run."},
    {ParameterId::Threads, "threads", "Threads", "Measuring", "", WholeRange{0, 0, 1024}, Change::BeforeStart,
     "Threads that compute; 0 takes one for each processor that the program may use."},
    {ParameterId::FrameInterval, "frame-interval", "Picture every", "Measuring", "steps", WholeRange{10, 1, 100000}, Change::Live,
     "Steps between two pictures of the run; grows by itself where measuring would take over 5 % of the time."},
    {ParameterId::SnappedInterval, "snapped-interval", "Validate every", "Measuring", "steps", WholeRange{100, 1, 1000000}, Change::Live,
     "Steps between two measurements of latent and snapped accuracy on the validation subset; each epoch ends with the whole set."},
    {ParameterId::SnappedSubset, "snapped-subset", "Validation subset", "Measuring", "images", WholeRange{512, 16, 100000},
     Change::BeforeStart, "Validation images measured between epoch ends."},
    {ParameterId::AutosaveMinutes, "autosave-minutes", "Save every", "Measuring", "min", RealRange{5.0, 0.0, 1440.0}, Change::Live,
     "Minutes between automatic snapshots, which a run also takes at the end of each stage; 0 leaves these alone."},
});

/// That a choice has the text of its place.
template <typename Choice>
consteval bool hasText(Choice choice, std::string_view text)
{
    const auto &range = std::get<ChoiceRange>(kTable[static_cast<std::size_t>(kParameterOf<Choice>)].range);
    return range.choices[static_cast<std::size_t>(choice)] == text;
}
static_assert(hasText(ForwardPass::Latent, "latent") && hasText(ForwardPass::Float, "float") &&
              hasText(CodebookScope::Channels, "channels") && hasText(CodebookScope::Unified, "unified") &&
              hasText(MixingRule::Learnt, "learnt") && hasText(Initialiser::Linear, "linear") &&
              hasText(Initialiser::Percentile, "percentile") && hasText(Initialiser::Quantile, "quantile") &&
              hasText(Initialiser::UniformZero, "uniform-zero") && hasText(DeadRule::Revive, "revive") && hasText(DeadRule::Drop, "drop") &&
              hasText(RampShape::Linear, "linear") && hasText(OptimizerKind::Adam, "adam") && hasText(RateSchedule::Step, "step") &&
              hasText(RateSchedule::Constant, "constant") && hasText(Augmentation::PadCropFlip, "pad-crop-flip") &&
              hasText(Augmentation::PadCrop, "pad-crop") && hasText(Augmentation::None, "none"));
static_assert(kTable.size() == static_cast<std::size_t>(ParameterId::Count_));

} // namespace

std::span<const ParameterSpec> parameterTable() noexcept
{
    return kTable;
}

} // namespace engine
