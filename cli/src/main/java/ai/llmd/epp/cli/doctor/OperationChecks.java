package ai.llmd.epp.cli.doctor;

import ai.llmd.epp.cli.Options;
import ai.llmd.epp.commandline.GoDuration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Flags and sections that make trouble harder to survive or to understand. */
final class OperationChecks implements Check {

  @Override
  public List<Remark> look(Examined examined) {
    Options options = examined.options();
    List<Remark> remarks = new ArrayList<>();
    Duration drain = options.server().drainTimeout();
    if (drain.compareTo(Options.Server.STOP_NOTICED) < 0) {
      remarks.add(
          new Remark(
              "--drain-timeout",
              GoDuration.format(drain),
              "gateways take about three seconds to notice that a picker stops; requests that they"
                  + " still send are cut off",
              "docs/operations.md#stop"));
    }
    if (options.limits().decisionsKept() == 0) {
      remarks.add(
          new Remark(
              "--decisions-kept",
              "0",
              "no decision can be explained afterwards, and the live page lists none",
              "docs/operations.md#why-did-a-request-go-there"));
    }
    if (options.metrics().diagnostics() == Options.Diagnostics.ON
        && options.metrics().access().clientAuthority() == null
        && examined.configuration().dataLayer().discovery().isPresent()) {
      remarks.add(
          new Remark(
              "--enable-pprof",
              "set, while readers of the admin port are not told apart",
              "anyone who reaches the port can stop the program for a moment, again and again; set"
                  + " --metrics-client-ca-file, or --metrics-bind-address=127.0.0.1",
              "docs/operations.md#who-may-read-the-admin-port"));
    }
    if (!examined.configuration().stages().avoidsFailingEndpoints()) {
      remarks.add(
          new Remark(
              "endpointHealth",
              "disabled",
              "a server that has died gets requests until it leaves the pool",
              "docs/operations.md#servers-that-fail"));
    }
    return remarks;
  }
}
