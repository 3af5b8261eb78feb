package ai.llmd.epp.sidecar.leg;

import ai.llmd.epp.sidecar.proxy.ErrorAnswer;
import ai.llmd.epp.sidecar.upstream.LegStage;
import ai.llmd.epp.sidecar.upstream.Target;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * How the servers of other stages are reached.
 *
 * @param prefill null for plain HTTP
 * @param encode null for plain HTTP
 */
public record Stages(@Nullable SslContext prefill, @Nullable SslContext encode) {

  /** The prefill server at an address; a wrong one cannot be reached. */
  public Target prefiller(String address) throws CallFailure {
    return target(address, LegStage.PREFILL, prefill);
  }

  public Target encoder(String address) throws CallFailure {
    return target(address, LegStage.ENCODE, encode);
  }

  private static Target target(String address, LegStage stage, @Nullable SslContext tls)
      throws CallFailure {
    Target target = Target.parse(HostPort.normalized(address), stage, tls);
    if (target == null) {
      throw new CallFailure(ErrorAnswer.plain(502, ""));
    }
    return target;
  }
}
