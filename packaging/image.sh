#!/bin/sh
# Puts together what runs without a JDK: a Java of the modules that are needed, the jar, the launcher, the manual page and
# the completion scripts. Called by  mvn -Pimage package.
#   image.sh JAVA_HOME JAR LAUNCHER TARGET
set -eu
java_home=$1 jar=$2 launcher=$3 target=$4

# jdeps names these; java.desktop it names too, for classes of Jackson and the driver that are never used here.
modules=java.base,java.logging,java.management,java.naming,java.security.jgss,java.security.sasl,java.sql
modules=$modules,jdk.crypto.ec,jdk.net,jdk.unsupported

[ -x "$java_home/bin/jlink" ] || {
  printf 'image: there is no jlink in %s: set JAVA_HOME to a whole JDK\n' "$java_home" >&2
  exit 1
}
rm -rf "$target"
mkdir -p "$target/bin" "$target/lib" "$target/share/man/man1" "$target/share/bash-completion/completions" \
  "$target/share/zsh/site-functions"
"$java_home/bin/jlink" --add-modules "$modules" --strip-java-debug-attributes --no-header-files --no-man-pages \
  --output "$target/runtime"
cp "$launcher" "$target/bin/pbp-cli"
cp -p "$jar" "$target/lib/pbp-cli.jar"
: >"$target/lib/start" # in place of the class archive's folder: an archive for this place is of no use in another
"$target/bin/pbp-cli" manual >"$target/share/man/man1/pbp-cli.1"
"$target/bin/pbp-cli" completion bash >"$target/share/bash-completion/completions/pbp-cli"
"$target/bin/pbp-cli" completion zsh >"$target/share/zsh/site-functions/_pbp-cli"
rm "$target/lib/start"
