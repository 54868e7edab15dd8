// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/machine.h"
#include <array>
#include <cstdlib>
#include <ctime>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace engine {

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
