package ai.llmd.epp.sidecar.route;

import ai.llmd.epp.sidecar.leg.HostPort;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What the picker said in headers.
 *
 * @param prefill {@code host:port}; null when the prompt is to be computed here
 * @param encoders {@code host:port} each
 * @param source {@code host:port} of a server that has cached more of the prompt; null for none
 * @param prefillCandidates how many prefill servers there were to choose from
 */
record PickedServers(
    @Nullable String prefill,
    List<String> encoders,
    @Nullable String source,
    int prefillCandidates) {

  static final String PREFILL = "x-prefiller-host-port";
  static final String ENCODERS = "x-encoder-hosts-ports";
  static final String SOURCE = "x-kv-cache-source-host-port";

  /**
   * Takes them out of the headers.
   *
   * @param isSampled whether one of several prefill servers is drawn; else it is the first
   */
  static PickedServers takeFrom(HttpHeaders headers, boolean isSampled) {
    List<String> prefillers = listed(headers, PREFILL);
    List<String> encoders = listed(headers, ENCODERS);
    String source = headers.get(SOURCE, "").strip();
    headers.remove(PREFILL);
    headers.remove(ENCODERS);
    headers.remove(SOURCE);
    String prefill = chosen(prefillers, isSampled);
    return new PickedServers(
        prefill.isEmpty() ? null : prefill,
        encoders.stream().filter(encoder -> !encoder.isEmpty()).toList(),
        source.isEmpty() ? null : source,
        prefillers.size());
  }

  private static String chosen(List<String> candidates, boolean isSampled) {
    if (candidates.isEmpty()) {
      return "";
    }
    return candidates.get(isSampled ? ThreadLocalRandom.current().nextInt(candidates.size()) : 0);
  }

  /** Several header lines, or the parts of one. */
  private static List<String> listed(HttpHeaders headers, String name) {
    List<String> lines = headers.getAll(name);
    List<String> values = new ArrayList<>();
    for (String part : lines.size() == 1 ? List.of(lines.getFirst().split(",", -1)) : lines) {
      values.add(part.strip());
    }
    return values;
  }

  /** Without what is not allowed, or of no use. */
  PickedServers allowedBy(AllowedHosts allowed, boolean usesSources) {
    boolean keepsSource =
        usesSources
            && source != null
            && HostPort.isWhole(source)
            && allowed.isAllowed(HostPort.host(source));
    return new PickedServers(
        prefill,
        encoders.stream().filter(encoder -> allowed.isAllowed(HostPort.host(encoder))).toList(),
        keepsSource ? source : null,
        prefillCandidates);
  }
}
