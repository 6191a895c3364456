# shellcheck shell=bash disable=SC2034
# The Debian packages of this project, by what they are for.

# What a running pipeline needs.
RUNTIME_PACKAGES=(
  ca-certificates
  gir1.2-gstreamer-1.0
  glib-networking
  gstreamer1.0-plugins-bad
  gstreamer1.0-plugins-base
  gstreamer1.0-plugins-good
  gstreamer1.0-plugins-ugly
  gstreamer1.0-tools
  libcairo2
  libgirepository-1.0-1
)

# The plugin, and node-gtk, which npm builds from source.
BUILD_PACKAGES=(
  g++
  gcc
  libcairo2-dev
  libgirepository1.0-dev
  libgstreamer-plugins-base1.0-dev
  libgstreamer1.0-dev
  libjson-glib-dev
  libnice-dev
  libsoup-3.0-dev
  libsrtp2-dev
  libssl-dev
  libusrsctp-dev
  make
  meson
  ninja-build
  pkg-config
  python3
)

# A browser of our own: scripts/demo --headless and the end-to-end tests.
VIEWER_PACKAGES=(
  chromium
)

TEST_PACKAGES=(
  clang
  clang-format
  coturn
  fish
  gstreamer1.0-libav
  gstreamer1.0-nice
  gstreamer1.0-x
  groff-base
  iproute2
  jq
  libclang-rt-14-dev
  libgstreamer-plugins-bad1.0-dev
  libgstrtspserver-1.0-dev
  nftables
  openssl
  procps
  tmux
  valgrind
  zsh
)
