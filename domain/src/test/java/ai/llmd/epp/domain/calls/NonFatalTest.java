package ai.llmd.epp.domain.calls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ServiceConfigurationError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NonFatalTest {

  @Test
  void leavesARuntimeExceptionAsItIs() {
    var failure = new IllegalStateException("no");

    assertThat(NonFatal.orThrow(failure)).isSameAs(failure);
    assertThat(NonFatal.origin(failure)).isSameAs(failure);
    assertThat(NonFatal.describe(failure)).isEqualTo("failed with IllegalStateException");
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

    RuntimeException contained = NonFatal.orThrow(thrown);

    assertThat(contained).hasCause(thrown);
    assertThat(NonFatal.origin(contained)).isSameAs(thrown);
    assertThat(NonFatal.describe(contained)).isEqualTo("failed with " + type.getSimpleName());
  }

  @Test
  void containsServicesThatAreMisconfigured() {
    assertThat(NonFatal.orThrow(new ServiceConfigurationError("no")))
        .hasMessage("java.util.ServiceConfigurationError: no");
  }

  @ParameterizedTest
  @ValueSource(classes = {OutOfMemoryError.class, InternalError.class, UnknownError.class})
  void letsThroughWhatTheProgramCannotSurvive(Class<? extends VirtualMachineError> type)
      throws Exception {
    VirtualMachineError thrown = type.getDeclaredConstructor().newInstance();

    assertThatThrownBy(() -> NonFatal.orThrow(thrown)).isSameAs(thrown);
  }

  /** An error that some library made up, as other languages' libraries do. */
  static final class HomemadeError extends Error {

    private static final long serialVersionUID = 1L;
  }
}
