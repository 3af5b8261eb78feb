package ai.llmd.epp.domain.flow;

import java.util.function.ObjDoubleConsumer;

/**
 * A fairness policy that counts what each flow was served, in all replicas together. Each replica
 * passes on what it has served itself, in absolute numbers: tokens as of now, of which older ones
 * may count less. Any thread.
 */
public interface AttainedService {

  /** Passes on the flows that were served here since the last call, at most a thousand of them. */
  void takeServed(ObjDoubleConsumer<String> sink);

  /** Passes on the flows that were served here last, as far as that still counts; bounded alike. */
  void served(ObjDoubleConsumer<String> sink);

  /**
   * Another replica has served this to a flow by now.
   *
   * @param replica the same number each time
   * @param tokens 0 when there is nothing worth knowing
   */
  void servedElsewhere(long replica, String flow, double tokens);

  /** Another replica is gone, and with it what is known of what it has served. */
  void replicaGone(long replica);
}
