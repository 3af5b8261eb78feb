package ai.llmd.epp.application.port.out;

/** Is notified of changes of the files with objectives and rewrites. Any thread. */
public interface ObjectFileObserver {

  /**
   * A change took effect.
   *
   * @param kind of the objects; one of few
   */
  void applied(String kind);

  /**
   * A change was refused as a whole.
   *
   * @param kind of the objects; one of few
   */
  void refused(String kind);
}
