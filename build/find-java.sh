# Shell functions for the launchers: where is a Java that is new enough? Read with ".".

EPP_JAVA_LEAST=25

# Whether the Java in folder $1 is new enough. Its "release" file has the version, without starting it.
epp_java_fits() {
  [ -x "$1/bin/java" ] || return 1
  if [ -r "$1/release" ]; then
    epp_version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  else
    epp_version=$("$1/bin/java" -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p')
  fi
  [ -n "$epp_version" ] && [ "$epp_version" -ge "$EPP_JAVA_LEAST" ]
}

# Prints the path of a java program, or a sentence on standard error. The first that fits wins:
# $EPP_JAVA_HOME (which must fit when it is set), $JAVA_HOME, java on the PATH, the usual folders.
epp_find_java() {
  if [ -n "${EPP_JAVA_HOME:-}" ]; then
    if epp_java_fits "$EPP_JAVA_HOME"; then
      printf '%s\n' "$EPP_JAVA_HOME/bin/java"
      return 0
    fi
    echo "EPP_JAVA_HOME is $EPP_JAVA_HOME, and there is no Java $EPP_JAVA_LEAST or newer." >&2
    return 1
  fi
  epp_on_path=$(command -v java 2>/dev/null) && epp_on_path=$(readlink -f -- "$epp_on_path")
  for epp_home in "${JAVA_HOME:-}" "${epp_on_path%/bin/java}" \
    /usr/lib/jvm/*25* /usr/lib/jvm/* /opt/java/* /opt/jdk* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home "${HOME:-/root}"/.sdkman/candidates/java/*; do
    if [ -n "$epp_home" ] && epp_java_fits "$epp_home"; then
      printf '%s\n' "$epp_home/bin/java"
      return 0
    fi
  done
  echo "Java $EPP_JAVA_LEAST or newer is needed and was not found; set EPP_JAVA_HOME to its folder." >&2
  return 1
}
