package ai.llmd.epp.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ServiceConfigurationError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FailuresTest {

  @Test
  void leavesARuntimeExceptionAsItIs() {
    var failure = new IllegalStateException("no");

    assertThat(Failures.contain(failure)).isSameAs(failure);
    assertThat(Failures.origin(failure)).isSameAs(failure);
    assertThat(Failures.reason(failure)).isEqualTo("failed with IllegalStateException");
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        NoClassDefFoundError.class,
        NoSuchMethodError.class,
        ExceptionInInitializerError.class,
        UnsupportedClassVersionError.class,
        AssertionError.class,
        StackOverflowError.class,
        HomemadeError.class,
        IOException.class
      })
  void containsWhatBrokenCodeThrows(Class<? extends Throwable> type) throws Exception {
    Throwable thrown = type.getDeclaredConstructor().newInstance();

    RuntimeException contained = Failures.contain(thrown);

    assertThat(contained).hasCause(thrown);
    assertThat(Failures.origin(contained)).isSameAs(thrown);
    assertThat(Failures.reason(contained)).isEqualTo("failed with " + type.getSimpleName());
  }

  @Test
  void containsServicesThatAreMisconfigured() {
    assertThat(Failures.contain(new ServiceConfigurationError("no")))
        .hasMessage("java.util.ServiceConfigurationError: no");
  }

  @ParameterizedTest
  @ValueSource(classes = {OutOfMemoryError.class, InternalError.class, UnknownError.class})
  void letsThroughWhatNobodySurvives(Class<? extends VirtualMachineError> type) throws Exception {
    VirtualMachineError thrown = type.getDeclaredConstructor().newInstance();

    assertThatThrownBy(() -> Failures.contain(thrown)).isSameAs(thrown);
  }

  /** An error that some library made up, as other languages' libraries do. */
  static final class HomemadeError extends Error {

    private static final long serialVersionUID = 1L;
  }
}
