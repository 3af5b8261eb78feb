package ai.llmd.epp.domain.calls;

import org.jspecify.annotations.Nullable;

/** What became of one plugin call. */
public sealed interface Called<R extends @Nullable Object> {

  /** How long it took. */
  long nanos();

  /** Empty, or why there is no result: the kind of failure, without anything the plugin read. */
  String degraded();

  /**
   * The result.
   *
   * @throws PluginFailedException when there is none
   */
  R orThrow();

  /** The plugin returned. */
  record Returned<R extends @Nullable Object>(R result, long nanos) implements Called<R> {

    @Override
    public String degraded() {
      return "";
    }

    @Override
    public R orThrow() {
      return result;
    }
  }

  /**
   * The plugin threw, and that has been reported.
   *
   * @param plugin extension point, name and type, for a sentence
   */
  record Threw<R extends @Nullable Object>(String plugin, RuntimeException failure, long nanos)
      implements Called<R> {

    @Override
    public String degraded() {
      return failure instanceof WithoutResultException known
          ? known.reason()
          : NonFatal.describe(failure);
    }

    @Override
    public R orThrow() {
      throw failure instanceof PluginFailedException known
          ? known
          : new PluginFailedException(plugin + " " + degraded(), failure);
    }
  }
}
