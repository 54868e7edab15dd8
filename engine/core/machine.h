// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace engine {

/// Keeps large blocks in the heap instead of asking the system for fresh, zeroed pages each time: page faults on large
/// tensors otherwise cost 7 to 12 % of a training step. Call before the first tensor; later calls do nothing.
void tuneHeap() noexcept;

/// Sets what libraries read from the environment when they are loaded, hence for programs executed from now
/// on; whether anything was not yet set:
/// - OMP_WAIT_POLICY=passive: OpenMP's threads sleep while they wait for each other. Left alone they spin, and
///   so take the processor from BLAS's own threads, from the window and from every other program: on two
///   processors that costs up to a third of the speed (`benchmark.sh --only wait`).
/// - OPENBLAS_THREAD_TIMEOUT=20: OpenBLAS's threads do so after 2²⁰ instead of 2²⁶ ticks of the processor's
///   clock. Small networks gain, and what the window draws no longer holds up the whole training
///   (`benchmark.sh --only blas`).
/// - GLIBC_TUNABLES=glibc.malloc.hugetlb=1: the heap asks for huge pages, which spares some per cent on large
///   networks (`benchmark.sh --only pages`).
/// What the user has set in these or in GOMP_SPINCOUNT holds. Call before a second thread is there.
bool setEnvironment() noexcept;

/// For programs with LibTorch that nobody launches with this environment: sets it and executes the program
/// anew, once, with `arguments` (as main got them). Returns if there is nothing to do or it cannot be done.
/// Call first in main.
void setUpEnvironment(char **arguments) noexcept;

/// The BLAS this process runs on: "OpenBLAS", "MKL", "BLIS", or empty if none of these is loaded (then it is the
/// reference BLAS, some fifty times slower on matrix products).
std::string blasName();

/// What the processor is called, as "Intel(R) Xeon(R) Processor"; empty if the system does not tell. Another
/// one may compute other bits: libraries choose their loops by it.
std::string processorName();

/// Processors that this process may keep busy, at least 1: those it may run on (taskset, cpusets), but no more than
/// its cgroup grants it time on (containers, `systemd-run -p CPUQuota=`). All of the machine where the system does
/// not tell.
unsigned usableProcessors() noexcept;

/// The quota part of it. `memberships` is the text of /proc/self/cgroup, `mounted` the folder with the file systems
/// of cgroups (/sys/fs/cgroup). The least that the process's cgroup and those around it grant, of version 2
/// (cpu.max) and 1 (cpu.cfs_quota_us and cpu.cfs_period_us); a part of a processor counts as one. None where there is
/// no quota.
std::optional<unsigned> grantedProcessors(std::string_view memberships, const std::filesystem::path &mounted);

/// Processor time that the calling thread has had: what its work costs others. Wall time where the system
/// does not tell.
std::chrono::nanoseconds threadTime() noexcept;

/// How nice work beside training is, as nice(1) counts: of 19, the nicest.
inline constexpr int kBesideTraining = 10;

/// Lets all other threads go before the calling one, for good: work beside training must not hold it up.
void giveWay() noexcept;

} // namespace engine
