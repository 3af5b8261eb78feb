package ai.llmd.epp.cli.doctor;

import ai.llmd.epp.application.producer.ApproxPrefixCacheProducer;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import java.util.ArrayList;
import java.util.List;

/** What is learned, and whom it is shared with. */
final class ReplicaChecks implements Check {

  private static final String MEMORY = "memory";

  @Override
  public List<Remark> look(Examined examined) {
    EffectiveConfiguration configuration = examined.configuration();
    List<Remark> remarks = new ArrayList<>();
    boolean learns =
        !BuiltPlugin.ofKind(ApproxPrefixCacheProducer.class, configuration.built()).isEmpty();
    if (configuration.stateStore().type().equals(MEMORY)) {
      remarks.add(
          new Remark(
              "stateStore",
              "none: what one replica learns stays there",
              examined.options().kubernetes().electsLeader()
                  ? "the replica that takes over after the leader knows no prefix and no session"
                  : "a restart forgets all prefixes, sessions and work in flight, and a second"
                      + " replica would know half; configure redis or hazelcast before there are"
                      + " two",
              "docs/high-availability.md#which-store"));
    } else if (learns && configuration.stateStore().replication().hashSecret() == null) {
      remarks.add(
          new Remark(
              "stateStore.hashSecretFile",
              "not set, while prefixes are shared through " + configuration.stateStore().type(),
              "whoever reads the store can test whether a prompt that they guess was asked",
              "docs/state-store.md"));
    }
    return remarks;
  }
}
