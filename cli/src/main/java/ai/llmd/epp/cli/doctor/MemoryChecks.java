package ai.llmd.epp.cli.doctor;

import ai.llmd.epp.application.producer.ApproxPrefixCacheProducer;
import ai.llmd.epp.cli.Options;
import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import java.util.ArrayList;
import java.util.List;

/** Bounds that the heap cannot honour. */
final class MemoryChecks implements Check {

  private static final String PAGE = "docs/deployment.md#memory";
  private static final long MIB = 1L << 20;

  @Override
  public List<Remark> look(Examined examined) {
    List<Remark> remarks = new ArrayList<>();
    List<BuiltPlugin> built = examined.configuration().built();
    int indexes = BuiltPlugin.ofKind(ApproxPrefixCacheProducer.class, built).size();
    long index = examined.configuration().stateBudget().prefixIndexBytes();
    long bodies = examined.options().limits().bufferedBytes();
    long all = bodies + indexes * index + Options.Limits.MAX_DECISION_BYTES;
    if (all > examined.heapBytes()) {
      remarks.add(
          new Remark(
              "--max-buffered-bytes, stateStore.memory.prefixIndexMaxBytes",
              "%d MiB of bodies, %d prefix index(es) of %d MiB and %d MiB of decisions may come to %d"
                      .formatted(
                          bodies / MIB,
                          indexes,
                          index / MIB,
                          Options.Limits.MAX_DECISION_BYTES / MIB,
                          all / MIB)
                  + " MiB, in a heap of %d MiB".formatted(examined.heapBytes() / MIB),
              "under load the process would run out of memory instead of refusing requests; lower a"
                  + " bound, or give it more memory (--heap tells this check how much it will"
                  + " have)",
              PAGE));
    }
    if (examined.options().limits().requestBodyBytes() > bodies * 3 / 4) {
      remarks.add(
          new Remark(
              "--max-request-body-size",
              "%d MiB, while all bodies of a connection together may hold %d MiB"
                  .formatted(
                      examined.options().limits().requestBodyBytes() / MIB, bodies * 3 / 4 / MIB),
              "a body of that size is answered 503, not 413, whenever others are held",
              "docs/operations.md#limits"));
    }
    return remarks;
  }
}
