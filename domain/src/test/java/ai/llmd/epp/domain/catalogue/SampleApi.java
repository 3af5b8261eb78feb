package ai.llmd.epp.domain.catalogue;

import java.util.List;
import java.util.function.Predicate;

/** Types for {@link ApiDifferenceTest}; public, since only what is public is recorded. */
public final class SampleApi {

  /** The same type in two versions of the API, as far as its lines go. */
  public static final class Before {
    public interface Rule extends Predicate<String> {
      int MAX = 1;

      long weight(List<String> names);

      default boolean isHeavy() {
        return true;
      }
    }

    private Before() {}
  }

  public static final class After {
    public interface Rule extends Predicate<String> {
      int MAX = 1;

      long weight(List<? extends CharSequence> names);

      default boolean isHeavy() {
        return true;
      }

      default boolean isLight() {
        return false;
      }

      void forget() throws InterruptedException;
    }

    private After() {}
  }

  public sealed interface Shape {
    record Circle(double radius) implements Shape {}

    enum Kind {
      ROUND
    }
  }

  abstract static class Hidden {
    public abstract void seen();
  }

  private SampleApi() {}
}
