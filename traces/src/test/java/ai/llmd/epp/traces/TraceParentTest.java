package ai.llmd.epp.traces;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.traces.span.TraceId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceParentTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final TraceId TRACE_ID = new TraceId(0x0af7651916cd43ddL, 0x8448eb211c80319cL);
  private static final String SPAN = "b7ad6b7169203331";
  private static final long SPAN_ID = 0xb7ad6b7169203331L;

  @Test
  void isReadAndWritten() {
    String header = "00-" + TRACE + '-' + SPAN + "-01";

    assertThat(TraceParent.parse(header)).isEqualTo(new TraceParent(TRACE_ID, SPAN_ID, true));
    assertThat(new TraceParent(TRACE_ID, SPAN_ID, true).header()).isEqualTo(header);
    assertThat(new TraceParent(TRACE_ID, SPAN_ID, false).header()).endsWith("-00");
    assertThat(TRACE_ID.text()).isEqualTo(TRACE);
  }

  @Test
  void ofTheFlagsOnlyTheLastBitCounts() {
    assertThat(TraceParent.parse("00-" + TRACE + '-' + SPAN + "-03"))
        .isEqualTo(new TraceParent(TRACE_ID, SPAN_ID, true));
    assertThat(TraceParent.parse("00-" + TRACE + '-' + SPAN + "-fe"))
        .isEqualTo(new TraceParent(TRACE_ID, SPAN_ID, false));
  }

  @Test
  void aCallerThatRecordsNothingIsKnownWithoutReadingItAll() {
    assertThat(TraceParent.isUnsampled("00-" + TRACE + '-' + SPAN + "-00")).isTrue();
    assertThat(TraceParent.isUnsampled("00-" + TRACE + '-' + SPAN + "-01")).isFalse();
    assertThat(TraceParent.isUnsampled("00-" + "0".repeat(32) + '-' + SPAN + "-00")).isFalse();
    assertThat(TraceParent.isUnsampled(null)).isFalse();
  }

  @Test
  void aLaterVersionMayHaveMoreFields() {
    assertThat(TraceParent.parse("01-" + TRACE + '-' + SPAN + "-01-more")).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01"
      })
  void whatHasAnotherShapeIsNone(String value) {
    assertThat(TraceParent.parse(value)).isNull();
  }
}
