package ai.llmd.epp.traces;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.traces.span.AttributeName;
import ai.llmd.epp.traces.span.SpanHead;
import ai.llmd.epp.traces.span.SpanKind;
import ai.llmd.epp.traces.span.SpanScope;
import ai.llmd.epp.traces.span.TraceId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConsoleExporterTest {

  private static final SpanHead HEAD =
      new SpanHead(
          new SpanScope("scope", "1"),
          "gateway.request",
          SpanKind.SERVER,
          new TraceId(0x0af7651916cd43ddL, 0x8448eb211c80319cL),
          0xb7ad6b7169203331L,
          0,
          false,
          1_800_000_000_123_456_789L,
          1_800_000_001_000_000_000L);

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final ConsoleExporter exporter =
      new ConsoleExporter(new PrintStream(printed, true, UTF_8), Map.of("service.name", "picker"));

  @Test
  void aSpanIsAJsonObjectWithTheReferencesFields() throws Exception {
    exporter
        .begin()
        .begin(HEAD)
        .attribute(AttributeName.of("text"), "a \"quoted\"\n")
        .attribute(AttributeName.of("whole"), -3)
        .attribute(AttributeName.of("share"), Double.NaN)
        .attribute(AttributeName.of("yes"), true)
        .attribute(AttributeName.of("texts"), List.of("a", "b"))
        .attribute(AttributeName.of("shares"), new double[] {0.5, 1})
        .event("first_byte", 1_800_000_000_500_000_000L)
        .event("exception", 1_800_000_000_600_000_000L)
        .attribute(AttributeName.of("exception.type"), "BadRequest")
        .failed("BadRequest")
        .end();
    exporter.export();

    assertThat(printed.toString(UTF_8))
        .isEqualTo(
            """
            {
            \t"Name": "gateway.request",
            \t"SpanContext": {"TraceID": "0af7651916cd43dd8448eb211c80319c", "SpanID": "b7ad6b7169203331"},
            \t"Parent": {"TraceID": "0af7651916cd43dd8448eb211c80319c", "SpanID": "0000000000000000"},
            \t"SpanKind": "SERVER",
            \t"StartTime": "2027-01-15T08:00:00.123456789Z",
            \t"EndTime": "2027-01-15T08:00:01Z",
            \t"Attributes": [
            \t\t{"Key": "text", "Value": {"Type": "STRING", "Value": "a \\"quoted\\"\\u000a"}},
            \t\t{"Key": "whole", "Value": {"Type": "LONG", "Value": -3}},
            \t\t{"Key": "share", "Value": {"Type": "DOUBLE", "Value": "NaN"}},
            \t\t{"Key": "yes", "Value": {"Type": "BOOLEAN", "Value": true}},
            \t\t{"Key": "texts", "Value": {"Type": "STRING_ARRAY", "Value": ["a", "b"]}},
            \t\t{"Key": "shares", "Value": {"Type": "DOUBLE_ARRAY", "Value": [0.5, 1.0]}}],
            \t"Events": [
            \t\t{"Name": "first_byte", "Time": "2027-01-15T08:00:00.500Z", "Attributes": []},
            \t\t{"Name": "exception", "Time": "2027-01-15T08:00:00.600Z", "Attributes": [
            \t\t\t{"Key": "exception.type", "Value": {"Type": "STRING", "Value": "BadRequest"}}]}],
            \t"Status": {"Code": "ERROR", "Description": "BadRequest"},
            \t"Resource": [
            \t\t{"Key": "service.name", "Value": {"Type": "STRING", "Value": "picker"}}],
            \t"InstrumentationScope": {"Name": "scope", "Version": "1"}
            }
            """);
  }

  @Test
  void aSpanMayHaveNothingFurther() throws Exception {
    exporter.begin().begin(HEAD).end();
    exporter.export();

    assertThat(printed.toString(UTF_8))
        .contains("\t\"Attributes\": [],\n\t\"Events\": [],\n\t\"Status\": {\"Code\": \"UNSET\"");
  }

  @Test
  void anOutputThatIsClosedIsAFailure() {
    ConsoleExporter closed =
        new ConsoleExporter(
            new PrintStream(
                new OutputStream() {
                  @Override
                  public void write(int b) throws IOException {
                    throw new IOException("closed");
                  }
                },
                true,
                UTF_8),
            Map.of());
    closed.begin().begin(HEAD).end();

    assertThatThrownBy(closed::export).isInstanceOf(IOException.class);
  }
}
