package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.CallFailure;
import ai.llmd.epp.sidecar.upstream.LegFailure;

/** How the cache of a prompt gets from where it was computed to where it is used. */
public interface KvConnector {

  /**
   * Answers a call that names a prefill server. On a thread of the call's own, which may wait.
   *
   * @throws CallFailure what the client gets, unless the answer has begun
   * @throws LegFailure when a leg was given up, since the client was
   */
  void serve(Call call) throws CallFailure, LegFailure, InterruptedException;
}
