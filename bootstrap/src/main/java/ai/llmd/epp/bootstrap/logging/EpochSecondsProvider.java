package ai.llmd.epp.bootstrap.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import java.math.BigDecimal;
import net.logstash.logback.composite.AbstractFieldJsonProvider;
import tools.jackson.core.JsonGenerator;

/**
 * Writes {@code ts}: seconds since 1970 with milliseconds behind the point, as the reference does.
 */
public final class EpochSecondsProvider extends AbstractFieldJsonProvider<ILoggingEvent> {

  public EpochSecondsProvider() {
    setFieldName("ts");
  }

  @Override
  public void writeTo(JsonGenerator generator, ILoggingEvent event) {
    generator.writeNumberProperty(getFieldName(), BigDecimal.valueOf(event.getTimeStamp(), 3));
  }
}
