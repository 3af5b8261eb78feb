package ai.llmd.epp.adapter.latency;

import ai.llmd.epp.application.latency.LatencyServers.Times;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.util.ArrayList;
import java.util.List;

/** Reads what a prediction server answers, and believes only what can be true. */
final class PredictionAnswer {

  private static final double MAX_MILLIS = 1e8; // more than a day

  private final JsonScanner json;
  private final int wanted;

  private PredictionAnswer(byte[] body, int wanted) {
    this.json = new JsonScanner(body, 0, body.length);
    this.wanted = wanted;
  }

  /**
   * The times, in the order of the rows.
   *
   * @param wanted number of rows that were sent
   * @throws WithoutResultException if there are more or fewer, or one of them cannot be true
   */
  static List<Times> read(byte[] body, int wanted) {
    return new PredictionAnswer(body, wanted).times();
  }

  private List<Times> times() {
    List<Times> times = new ArrayList<>(wanted);
    if (json.kind() == JsonKind.OBJECT) {
      json.enter();
      while (json.nextMember()) {
        if (json.keyIs("predictions") && json.kind() == JsonKind.ARRAY) {
          times.clear(); // of two lists the last counts
          readList(times);
        } else {
          json.skip();
        }
      }
      json.finish();
    }
    if (json.error() != null || times.size() != wanted) {
      throw unusable();
    }
    return times;
  }

  private void readList(List<Times> times) {
    json.enter();
    while (json.nextElement()) {
      if (times.size() == wanted || json.kind() != JsonKind.OBJECT) {
        throw unusable();
      }
      times.add(one());
    }
  }

  private Times one() {
    double ttft = Double.NaN;
    double tpot = Double.NaN;
    json.enter();
    while (json.nextMember()) {
      boolean isTtft = json.keyIs("ttft_ms");
      if ((isTtft || json.keyIs("tpot_ms")) && json.kind() == JsonKind.NUMBER) {
        double millis = json.number();
        ttft = isTtft ? millis : ttft;
        tpot = isTtft ? tpot : millis;
      } else {
        json.skip();
      }
    }
    if (!isTime(ttft) || !isTime(tpot)) {
      throw unusable();
    }
    return new Times(ttft, tpot);
  }

  private static boolean isTime(double millis) {
    return millis >= 0 && millis <= MAX_MILLIS; // false for NaN
  }

  private static WithoutResultException unusable() {
    return new WithoutResultException("gives an answer that cannot be used");
  }
}
