# condensate_torch: what a source that includes <torch/torch.h> links (PRIVATE).
# The string ABI flag of LibTorch must hold for every target, so it is an option of all.
add_library(condensate_torch INTERFACE)
target_link_libraries(condensate_torch INTERFACE ${TORCH_LIBRARIES})
target_include_directories(condensate_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
# GCC 14 sees std::vector<bool> of torch::autograd::Function copied beyond its end, where it is not.
target_compile_options(condensate_torch INTERFACE
    "$<$<AND:$<COMPILE_LANG_AND_ID:CXX,GNU>,$<VERSION_GREATER_EQUAL:$<CXX_COMPILER_VERSION>,14>>:-Wno-array-bounds;-Wno-stringop-overflow>")
# at::parallel_for runs on one thread where the including source lacks OpenMP. The thread sanitizer does not
# know its runtime; no fuzzer uses LibTorch.
if(NOT CONDENSATE_SANITIZE MATCHES "thread" AND NOT CONDENSATE_FUZZ)
    find_package(OpenMP REQUIRED COMPONENTS CXX)
    target_link_libraries(condensate_torch INTERFACE OpenMP::OpenMP_CXX)
endif()
if(TORCH_CXX_FLAGS)
    separate_arguments(condensate_abi_flags NATIVE_COMMAND "${TORCH_CXX_FLAGS}")
    target_compile_options(condensate_options INTERFACE ${condensate_abi_flags})
endif()

# condensate_uses_torch(target): links LibTorch and shares one precompiled header, which saves some 7 s a
# source that includes it (these are named *_torch.cpp, or are tests) and would cost the others as much.
function(condensate_uses_torch target)
    target_link_libraries(${target} PRIVATE condensate_torch)
    target_precompile_headers(${target} REUSE_FROM condensate_torch_pch)
    get_target_property(sources ${target} SOURCES)
    list(FILTER sources EXCLUDE REGEX "(_torch|/?tst_[a-z]+)\\.cpp$")
    set_source_files_properties(${sources} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()

file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/generated/torch_pch.cpp" CONTENT "// holds the precompiled header\n")
add_library(condensate_torch_pch STATIC "${PROJECT_BINARY_DIR}/generated/torch_pch.cpp")
target_link_libraries(condensate_torch_pch PUBLIC condensate_options PRIVATE condensate_warnings condensate_torch)
target_precompile_headers(condensate_torch_pch PRIVATE <torch/torch.h>)
