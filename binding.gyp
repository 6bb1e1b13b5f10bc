{
  # The addon, built by node-gyp. CMakeLists.txt builds the same from the same list of sources.
  "variables": { "sanitize%": "", "polled%": "" },
  "targets": [
    {
      "target_name": "uvio",
      "sources": ["<!@(node -p \"require('fs').readFileSync('native/sources.txt', 'utf8').trim().split(/\\s+/).join(' ')\")"],
      "include_dirs": ["native", "<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS", "NODE_ADDON_API_ENABLE_MAYBE",
                  # A worker that is being terminated can have no exception thrown into it.
                  "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "cflags": ["-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-O2"],
      "cflags_cc": ["-std=c++17", "-fno-exceptions", "-fno-rtti", "-Wno-missing-field-initializers"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "xcode_settings": {
        "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
        "MACOSX_DEPLOYMENT_TARGET": "11.0",
        "WARNING_CFLAGS": ["-Wall", "-Wextra", "-Werror"]
      },
      "conditions": [
        ["sanitize != ''", {
          "cflags": ["-fsanitize=<(sanitize)", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all", "-g", "-O1"],
          "ldflags": ["-fsanitize=<(sanitize)"]
        }],
        ["polled != ''", { "defines": ["UVIO_POLLED"] }]
      ]
    }
  ]
}
