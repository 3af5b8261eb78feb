package ai.llmd.epp.application.port.out.objects;

/**
 * Learns from objects. One thread calls it, one call after another. What it throws is logged, and
 * the call does not come again.
 */
public interface ObjectListener {

  /** What it is, for logs. */
  String type();

  /** An object is there, or is another than before. */
  void changed(WatchedObject object);

  /**
   * An object is gone.
   *
   * @param namespace empty when it had none
   */
  void deleted(ObjectKind kind, String namespace, String name);
}
