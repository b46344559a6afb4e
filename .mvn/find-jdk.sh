# Sourced by ./mvnw and ./tidemark: sets TIDEMARK_JDK to the home of a JDK of at least version 25,
# looked for in JAVA_HOME, on the PATH and in the usual folders; otherwise says how to get one and exits.

tidemark_is_jdk25() {
    [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    major=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
    [ -n "$major" ] && [ "$major" -ge 25 ]
}

tidemark_find_jdk() {
    if [ -n "${JAVA_HOME:-}" ] && tidemark_is_jdk25 "$JAVA_HOME"; then
        TIDEMARK_JDK=$JAVA_HOME
        return
    fi
    on_path=$(command -v javac 2>/dev/null) && on_path=$(readlink -f "$on_path") && on_path=${on_path%/bin/javac}
    for tidemark_candidate in "$on_path" /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
        if [ -n "$tidemark_candidate" ] && tidemark_is_jdk25 "$tidemark_candidate"; then
            TIDEMARK_JDK=$tidemark_candidate
            return
        fi
    done
    cat >&2 <<'MESSAGE'
tidemark: no JDK 25 found. Looked at JAVA_HOME, the PATH and the usual folders (/usr/lib/jvm, ~/.sdkman, ~/.jdks, …).
Install one, for example:
  Debian, Ubuntu   apt-get install temurin-25-jdk   (from Adoptium's packages), or openjdk-25-jdk where it is offered
  macOS            brew install openjdk@25
  any              sdk install java 25-tem          (SDKMAN)
or set JAVA_HOME to a JDK 25 that is already there.
MESSAGE
    exit 1
}
