package ai.llmd.epp.domain.calls;

/**
 * Which failures the program survives. The one place that decides it: whatever guards foreign code
 * catches {@link Throwable} and hands it to {@link #orThrow}.
 */
public final class NonFatal {

  private NonFatal() {}

  /**
   * A failure that harms its own code only, as a runtime exception: exceptions of any kind (other
   * languages throw checked ones undeclared) and the errors of broken code, such as a method that
   * is missing, an assertion that does not hold or an endless recursion.
   *
   * @throws VirtualMachineError as it is, but for a stack overflow: no memory is left, or the
   *     machine itself is broken, and no plugin is to blame
   */
  public static RuntimeException orThrow(Throwable thrown) {
    return switch (thrown) {
      case RuntimeException e -> e;
      case StackOverflowError e -> new Wrapped(e);
      case VirtualMachineError e -> throw e;
      default -> new Wrapped(thrown);
    };
  }

  /** What was thrown originally. */
  public static Throwable origin(RuntimeException failure) {
    return failure instanceof Wrapped wrapped ? wrapped.thrown : failure;
  }

  /** The kind of failure only: a message might quote what the plugin was reading, the prompt. */
  public static String describe(RuntimeException failure) {
    return "failed with " + origin(failure).getClass().getSimpleName();
  }

  private static final class Wrapped extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Throwable thrown;

    Wrapped(Throwable thrown) {
      super(thrown.toString(), thrown, false, false); // the cause has the stack that matters
      this.thrown = thrown;
    }
  }
}
