package ai.llmd.epp.configuration.reload;

import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import java.util.List;

/**
 * What the program makes of a configuration: the parts that its streams use, and what runs for
 * them. One thread at a time, but for the parts themselves.
 *
 * @param <P> the parts
 */
public interface RunningParts<P> {

  /** The same at every call. */
  P parts();

  /**
   * Those that have to observe the pool while this is in force, in this order.
   *
   * @param plugins those of the configuration, and those of earlier ones that streams still use
   */
  List<PoolObserver> observers(List<PoolObserver> plugins);

  /**
   * What is to take the place of this. It may go on with what runs for this one, which {@link
   * #stop} leaves running then.
   */
  RunningParts<P> successor(EffectiveConfiguration next);

  /** Ends what runs for these parts alone; streams may still use the parts. */
  void stop();
}
