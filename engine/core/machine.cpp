// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/machine.h"
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sched.h>
#include <string_view>
#include <sys/resource.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace engine {
namespace {

std::string textOf(const std::filesystem::path &file)
{
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// The number that a text begins with, and what follows it; none for "max" and for quotas of -1, which are none.
std::optional<std::uint64_t> takeNumber(std::string_view &text)
{
    text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc{} ? std::optional{number} : std::nullopt;
}

/// Of microseconds in a period of microseconds, as "150000 100000": 2.
std::optional<unsigned> processorsOf(std::string_view quotaAndPeriod)
{
    const auto quota = takeNumber(quotaAndPeriod), period = takeNumber(quotaAndPeriod);
    if (!quota || !period || *period == 0)
        return {};
    return static_cast<unsigned>(std::clamp<std::uint64_t>(*quota / *period + (*quota % *period != 0), 1, 1 << 20));
}

std::optional<unsigned> least(std::optional<unsigned> one, std::optional<unsigned> other)
{
    return one && other ? std::min(*one, *other) : one ? one : other;
}

/// What a cgroup and those around it grant. In a container the path may be that outside: the folder mounted is then
/// the cgroup itself, the last one asked.
std::optional<unsigned> grantedAlong(std::filesystem::path cgroup, const std::filesystem::path &mounted)
{
    std::optional<unsigned> granted;
    for (cgroup = cgroup.relative_path();; cgroup = cgroup.parent_path()) {
        const auto folder = mounted / cgroup;
        granted = least(granted, processorsOf(textOf(folder / "cpu.max")));
        granted = least(granted, processorsOf(textOf(folder / "cpu.cfs_quota_us") + ' ' + textOf(folder / "cpu.cfs_period_us")));
        if (cgroup.empty())
            return granted;
    }
}

/// Of sched_getaffinity; none where it does not tell.
std::optional<unsigned> allowedProcessors()
{
#ifdef __linux__
    constexpr int kMost = 1 << 20;
    for (int processors = 1024; processors <= kMost; processors *= 2) { // the system tells only how many are too few
        cpu_set_t *set = CPU_ALLOC(processors);
        if (!set)
            return {};
        const auto bytes = CPU_ALLOC_SIZE(processors);
        const bool told = ::sched_getaffinity(0, bytes, set) == 0;
        const int count = told ? CPU_COUNT_S(bytes, set) : 0;
        CPU_FREE(set);
        if (told)
            return count > 0 ? std::optional{static_cast<unsigned>(count)} : std::nullopt;
    }
#endif
    return {};
}

} // namespace

void tuneHeap() noexcept
{
#ifdef __GLIBC__
    static const bool once = [] {
        // Further arenas cannot hold blocks beyond 64 MiB and would fall back to mmap; training allocates on
        // one thread.
        mallopt(M_ARENA_MAX, 1);
        mallopt(M_MMAP_THRESHOLD, 1 << 30);
        mallopt(M_TRIM_THRESHOLD, 0x7fffffff);
        return true;
    }();
    (void)once;
#endif
}

bool setEnvironment() noexcept
{
    struct Variable {
        const char *name, *value;
    };
    constexpr std::array variables{Variable{"OMP_WAIT_POLICY", "passive"}, Variable{"OPENBLAS_THREAD_TIMEOUT", "20"},
                                   Variable{"GLIBC_TUNABLES", "glibc.malloc.hugetlb=1"}};
    bool anew = false;
    for (const auto &[name, value] : variables) {
        const bool isSet = std::getenv(name) || (std::string_view{name} == "OMP_WAIT_POLICY" && std::getenv("GOMP_SPINCOUNT"));
        if (!isSet)
            anew = ::setenv(name, value, 0) == 0 || anew;
    }
    return anew;
}

void setUpEnvironment(char **arguments) noexcept
{
#ifdef __linux__
    std::error_code error;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error); // by its path: it keeps its name in lists of processes
    if (!error && setEnvironment())
        ::execv(program.c_str(), arguments);
#else
    (void)arguments;
#endif
}

std::string blasName()
{
    if (dlsym(RTLD_DEFAULT, "openblas_get_config"))
        return "OpenBLAS";
    if (dlsym(RTLD_DEFAULT, "mkl_get_max_threads") || dlsym(RTLD_DEFAULT, "MKL_Get_Max_Threads"))
        return "MKL";
    if (dlsym(RTLD_DEFAULT, "bli_info_get_version_str"))
        return "BLIS";
    return {};
}

std::string processorName()
{
    std::ifstream facts{"/proc/cpuinfo"};
    constexpr std::string_view kKey = "model name";
    for (std::string line; std::getline(facts, line);) {
        const auto colon = line.find(": ");
        if (line.starts_with(kKey) && colon != line.npos)
            return line.substr(colon + 2);
    }
    return {};
}

unsigned usableProcessors() noexcept
{
    const unsigned all = std::max(1u, std::thread::hardware_concurrency());
    try {
        return *least(allowedProcessors().value_or(all), grantedProcessors(textOf("/proc/self/cgroup"), "/sys/fs/cgroup"));
    } catch (...) { // no memory for a file's name
        return all;
    }
}

std::optional<unsigned> grantedProcessors(std::string_view memberships, const std::filesystem::path &mounted)
{
    std::optional<unsigned> granted;
    while (!memberships.empty()) { // "0::/user.slice" of version 2, "4:cpu,cpuacct:/docker/1f3" of version 1
        const auto line = memberships.substr(0, memberships.find('\n'));
        memberships.remove_prefix(std::min(line.size() + 1, memberships.size()));
        const auto first = line.find(':'), second = line.find(':', first + 1);
        if (first == std::string_view::npos || second == std::string_view::npos)
            continue;
        const auto controllers = ',' + std::string{line.substr(first + 1, second - first - 1)} + ',';
        const bool isUnified = controllers == ",,";
        if (isUnified || controllers.find(",cpu,") != std::string::npos)
            granted = least(granted, grantedAlong(line.substr(second + 1), isUnified ? mounted : mounted / "cpu"));
    }
    return granted;
}

std::chrono::nanoseconds threadTime() noexcept
{
    timespec time{};
    if (::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) != 0)
        return std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

void giveWay() noexcept
{
#ifdef __linux__ // elsewhere this would be the whole process
    (void)::setpriority(PRIO_PROCESS, 0, kBesideTraining);
#endif
}

} // namespace engine
