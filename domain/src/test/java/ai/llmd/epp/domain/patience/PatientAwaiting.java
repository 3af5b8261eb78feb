package ai.llmd.epp.domain.patience;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has every wait without a limit of its own last as long as a machine may need that is ten times as
 * busy as usual: Awaitility's ten seconds are then too short, and a condition that holds ends the
 * wait at once anyway. Found by JUnit itself.
 */
public final class PatientAwaiting implements BeforeAllCallback {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultTimeout(PATIENCE);
  }
}
