package ai.llmd.epp.bootstrap.plugins;

import java.util.Set;

/**
 * What plugins share with the program, and nothing else of it: the domain, the nullness annotations
 * and the logging facade, beside the JDK.
 *
 * <p>It is the parent of each jar's loader. Whatever else a plugin stands on it brings itself, in
 * any version, without meeting that of the program or of another plugin.
 */
final class PublishedApi extends ClassLoader {

  private static final String DOMAIN = "ai.llmd.epp.domain.";

  /** Exact names: a plugin's own logging bridge, say, stays its own. */
  private static final Set<String> PACKAGES =
      Set.of(
          "org.jspecify.annotations",
          "org.slf4j",
          "org.slf4j.event",
          "org.slf4j.helpers",
          "org.slf4j.spi");

  private final ClassLoader program;

  PublishedApi(ClassLoader program) {
    super("plugin-api", getPlatformClassLoader());
    this.program = program;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    return isShared(name) ? program.loadClass(name) : super.loadClass(name, resolve);
  }

  private static boolean isShared(String className) {
    if (className.startsWith(DOMAIN)) {
      return true;
    }
    int endOfPackage = className.lastIndexOf('.');
    return endOfPackage > 0 && PACKAGES.contains(className.substring(0, endOfPackage));
  }
}
