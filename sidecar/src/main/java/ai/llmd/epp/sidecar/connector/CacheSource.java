package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.body.JsonEdit;
import ai.llmd.epp.sidecar.body.JsonObject;
import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.HostPort;
import ai.llmd.epp.sidecar.leg.RequestIds;

/**
 * Where cached blocks are fetched from by the engines' peer-to-peer tier.
 *
 * @param firstPort the tier's port of rank 0
 * @param firstListenPort the sidecar's own port of rank 0; ranks are counted from it
 * @param ranks how many there are
 * @param self the sidecar's own address, from which nothing has to be fetched
 */
record CacheSource(int firstPort, int firstListenPort, int ranks, String self) {

  private static final String KEY = "remote_kv_source";

  /** Tells a prefill server to fetch from the call's source, when that is another server. */
  void addTo(JsonEdit transfer, Call call) {
    String source = call.source();
    if (source != null && !isSame(source, call.prefiller())) {
      transfer.set(KEY, described(source));
    }
  }

  /** What tells a decode server to fetch from the source. */
  JsonEdit forDecode(String source) {
    return JsonObject.empty().edit().set(KEY, described(source));
  }

  boolean isSelf(String source) {
    return isSame(source, self);
  }

  private JsonEdit described(String source) {
    return JsonObject.empty()
        .edit()
        .set("kv_request_id", RequestIds.random())
        .set("remote_host", HostPort.host(source))
        .set("remote_port", portOf(source));
  }

  /** The tier's port at an address: one for each rank, which its own port tells. */
  int portOf(String address) {
    int rank = HostPort.port(address) - firstListenPort;
    return ranks > 1 && rank >= 0 && rank < ranks ? firstPort + rank : firstPort;
  }

  private static boolean isSame(String one, String other) {
    return HostPort.normalized(one).equals(HostPort.normalized(other));
  }
}
