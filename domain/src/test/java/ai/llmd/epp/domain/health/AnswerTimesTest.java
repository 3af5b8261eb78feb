package ai.llmd.epp.domain.health;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.health.AnswerTimes.Polls;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AnswerTimesTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final AnswerTimes times = new AnswerTimes();

  private void answers(int count, long nanos) {
    for (int i = 0; i < count; i++) {
      times.answered(nanos);
    }
  }

  @Test
  void concludesNothingFromAFew() {
    answers(AnswerTimes.MIN_ANSWERS - 1, SECOND);
    assertThat(times.longestSilenceNanos(Polls.UNANSWERED)).isEqualTo(Long.MAX_VALUE);
    answers(1, SECOND);
    assertThat(times.longestSilenceNanos(Polls.UNANSWERED)).isEqualTo(2 * SECOND);
  }

  @Test
  void waitsLongerTheMoreThereIsToSeeOfTheServer() {
    answers(30, 20 * SECOND);
    assertThat(times.longestSilenceNanos(Polls.UNANSWERED)).isEqualTo(20 * SECOND);
    assertThat(times.longestSilenceNanos(Polls.NONE)).isEqualTo(80 * SECOND);
    assertThat(times.longestSilenceNanos(Polls.ANSWERED)).isEqualTo(200 * SECOND);
  }

  @Test
  void forgetsWhatWasSlowLongAgo() {
    answers(30, 100 * SECOND);
    answers(2_000, SECOND);
    assertThat(times.longestSilenceNanos(Polls.UNANSWERED)).isLessThan(2 * SECOND + 1);
  }
}
