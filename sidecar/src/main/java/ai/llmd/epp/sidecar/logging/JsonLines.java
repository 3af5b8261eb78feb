package ai.llmd.epp.sidecar.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.sidecar.body.JsonText;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.util.Locale;
import org.slf4j.event.KeyValuePair;

/**
 * A JSON object a line, with the reference's keys: level, ts, logger, msg, then what belongs to it.
 */
public final class JsonLines extends EncoderBase<ILoggingEvent> {

  private static final byte[] NOTHING = {};

  private final String times = System.getProperty(LogTimes.PROPERTY, "epoch");

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    String logger = event.getLoggerName();
    StringBuilder line = new StringBuilder(200);
    line.append("{\"level\":\"").append(event.getLevel().toString().toLowerCase(Locale.ROOT));
    line.append("\",\"ts\":").append(LogTimes.json(event.getTimeStamp(), times));
    add(line, "logger", logger.substring(logger.lastIndexOf('.') + 1));
    add(line, "msg", event.getFormattedMessage());
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair pair : event.getKeyValuePairs()) {
        if (pair.value instanceof Number || pair.value instanceof Boolean) {
          line.append(',').append(JsonText.quoted(pair.key)).append(':').append(pair.value);
        } else {
          add(line, pair.key, String.valueOf(pair.value));
        }
      }
    }
    IThrowableProxy thrown = event.getThrowableProxy();
    if (thrown != null) {
      add(line, "error", thrown.getClassName());
      add(line, "stacktrace", ThrowableProxyUtil.asString(thrown));
    }
    return line.append("}\n").toString().getBytes(UTF_8);
  }

  private static void add(StringBuilder line, String key, String value) {
    line.append(',').append(JsonText.quoted(key)).append(':').append(JsonText.quoted(value));
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }
}
