package ai.llmd.epp.application;

/**
 * What plugins throw, and what of it the program survives. The one place that knows; everything
 * that calls a plugin catches {@link Throwable} and hands it to {@link #contain}.
 */
public final class Failures {

  private Failures() {}

  /**
   * A failure that harms nobody but the plugin, as a runtime exception: exceptions of any kind
   * (other languages throw checked ones undeclared) and the errors of broken code, such as a method
   * that is missing, an assertion that does not hold or an endless recursion.
   *
   * @throws VirtualMachineError as it is, but for a stack overflow: no memory is left, or the
   *     machine itself is broken, and no plugin is to blame
   */
  public static RuntimeException contain(Throwable thrown) {
    return switch (thrown) {
      case RuntimeException e -> e;
      case StackOverflowError e -> new Contained(e);
      case VirtualMachineError e -> throw e;
      default -> new Contained(thrown);
    };
  }

  /** What was thrown in truth. */
  public static Throwable origin(RuntimeException failure) {
    return failure instanceof Contained contained ? contained.thrown : failure;
  }

  /** The kind of failure only: a message might quote what the plugin was reading, the prompt. */
  static String reason(RuntimeException failure) {
    return "failed with " + origin(failure).getClass().getSimpleName();
  }

  private static final class Contained extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Throwable thrown;

    Contained(Throwable thrown) {
      super(thrown.toString(), thrown, false, false); // the cause has the stack that matters
      this.thrown = thrown;
    }
  }
}
