package ai.llmd.epp.bootstrap.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.Locale;
import net.logstash.logback.composite.AbstractFieldJsonProvider;
import tools.jackson.core.JsonGenerator;

/**
 * Writes {@code level} in lower case: {@code trace}, {@code debug}, {@code info}, {@code warn} …
 */
public final class LevelProvider extends AbstractFieldJsonProvider<ILoggingEvent> {

  public LevelProvider() {
    setFieldName("level");
  }

  @Override
  public void writeTo(JsonGenerator generator, ILoggingEvent event) {
    generator.writeStringProperty(
        getFieldName(), event.getLevel().toString().toLowerCase(Locale.ROOT));
  }
}
