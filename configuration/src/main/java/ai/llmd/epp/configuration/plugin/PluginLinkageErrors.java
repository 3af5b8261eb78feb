package ai.llmd.epp.configuration.plugin;

import ai.llmd.epp.domain.calls.NonFatal;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Explains to the operator, in a sentence, why third-party code does not work with this program.
 */
public final class PluginLinkageErrors {

  /** Class files of Java 1.0 have version 44, and every Java since one more than the last. */
  private static final int VERSION_BEFORE_JAVA_1 = 44;

  private static final Pattern TOO_NEW = Pattern.compile("(\\S+) has been.*?version (\\d+)\\.");
  private static final Pattern QUOTED = Pattern.compile("'([^']*)'");

  private PluginLinkageErrors() {}

  /**
   * What is missing or went wrong.
   *
   * @throws VirtualMachineError when that is what was thrown, and it is not the code's fault
   */
  public static String sentence(Throwable thrown) {
    return of(NonFatal.origin(NonFatal.orThrow(thrown)));
  }

  private static String of(Throwable thrown) {
    String message = Objects.requireNonNullElse(thrown.getMessage(), "");
    return switch (thrown) {
      case UnsupportedClassVersionError e -> tooNew(message);
      case NoClassDefFoundError e when isClassName(message) ->
          "needs class %s, which is neither in the plugin API nor beside it"
              .formatted(message.replace('/', '.'));
      case NoSuchMethodError e -> "needs method " + quoted(message) + ", which does not exist";
      case NoSuchFieldError e -> "needs a field that does not exist: " + message;
      case AbstractMethodError e -> "lacks a method that the plugin API wants: " + message;
      case ExceptionInInitializerError e -> causeOf(e, "its initialisation failed");
      case ServiceConfigurationError e ->
          causeOf(e, "META-INF/services is wrong" + message.substring(message.indexOf(": ")));
      case RuntimeException e when !message.isEmpty() -> message;
      default -> thrown.getClass().getSimpleName() + (message.isEmpty() ? "" : ": " + message);
    };
  }

  /** Some machines put a sentence where others put the name. */
  private static boolean isClassName(String message) {
    return !message.isEmpty() && message.indexOf(' ') < 0;
  }

  private static String tooNew(String message) {
    Matcher found = TOO_NEW.matcher(message);
    return found.find()
        ? "was compiled for Java %d (%s), and this is Java %d; compile it with --release %3$d"
            .formatted(
                Integer.parseInt(found.group(2)) - VERSION_BEFORE_JAVA_1,
                found.group(1).replace('/', '.'),
                Runtime.version().feature())
        : message;
  }

  private static String quoted(String message) {
    Matcher found = QUOTED.matcher(message);
    return found.find() ? found.group(1) : message;
  }

  private static String causeOf(Throwable thrown, String otherwise) {
    @Nullable Throwable cause = thrown.getCause();
    return cause == null ? otherwise : of(cause);
  }
}
