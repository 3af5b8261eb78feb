package ai.llmd.epp.application.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.application.port.out.ThreadObserver;
import ai.llmd.epp.domain.calls.NonFatal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ThreadGuardTest {

  private final List<String> seen = new ArrayList<>();
  private final ThreadGuard guard =
      new ThreadGuard(
          "worker",
          new ThreadObserver() {
            @Override
            public void started(Thread thread) {
              seen.add("started " + thread.getName());
            }

            @Override
            public void failed(String thread, RuntimeException failure) {
              seen.add(thread + " " + NonFatal.describe(failure));
              throw new IllegalStateException("broken as well");
            }
          });

  @Test
  void tellsWhichThreadItGuards() {
    guard.begin();
    assertThat(seen).containsExactly("started " + Thread.currentThread().getName());
  }

  @Test
  void reportsWhatARoundThrowsWhateverReportingDoes() {
    List<RuntimeException> failures = new ArrayList<>();

    assertThat(guard.attempt(() -> {})).isTrue();
    assertThat(guard.attempt(() -> fail(new IllegalArgumentException()))).isFalse();
    assertThat(guard.attempt(() -> fail(new AssertionError()), failures::add)).isFalse();
    assertThat(guard.attempt(() -> fail(new StackOverflowError()), f -> fail(new Error())))
        .isFalse();

    assertThat(seen)
        .containsExactly(
            "worker failed with IllegalArgumentException",
            "worker failed with AssertionError",
            "worker failed with StackOverflowError");
    assertThat(failures).hasSize(1);
  }

  @Test
  void doesNotSurviveWhatTheProgramDoesNot() {
    assertThatThrownBy(() -> guard.attempt(() -> fail(new OutOfMemoryError("planted"))))
        .isInstanceOf(OutOfMemoryError.class);
  }

  @SuppressWarnings("unchecked") // so that checked ones come undeclared, as from other languages
  private static <T extends Throwable> void fail(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
