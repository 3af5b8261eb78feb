package ai.llmd.epp.domain.scheduling.handler;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Names to the decoding endpoint where the other stages of a request run. What a client sends about
 * that is taken away in any case: it would make the endpoint talk to whomever the client likes.
 *
 * @param prefillProfile its first pick goes to {@code x-prefiller-host-port}
 * @param encodeProfile all its picks go to {@code x-encoder-hosts-ports}
 */
record StageHeaders(String prefillProfile, String encodeProfile) {

  private static final String PREFILLER = "x-prefiller-host-port";
  private static final String ENCODERS = "x-encoder-hosts-ports";

  void write(RoutedRequest routed) {
    ProfileResults results = routed.results();
    HeaderChanges headers = routed.headers();
    headers.remove(PREFILLER);
    @Nullable Candidate prefill = Stages.firstPick(results, prefillProfile);
    if (prefill != null) {
      headers.set(PREFILLER, prefill.endpoint().hostPort());
    }
    headers.remove(ENCODERS);
    @Nullable Candidates encoders = Stages.picks(results, encodeProfile);
    if (encoders != null) {
      headers.set(ENCODERS, joined(encoders));
    }
  }

  private static String joined(Candidates encoders) {
    StringJoiner hosts = new StringJoiner(",");
    for (Candidate encoder : encoders) {
      hosts.add(encoder.endpoint().hostPort());
    }
    return hosts.toString();
  }
}
