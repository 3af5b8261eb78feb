package ai.llmd.epp.application.port.out.objects;

import java.util.List;

/** A kind of objects, and who learns from them. */
public record ObjectWatch(ObjectKind kind, List<ObjectListener> listeners) {

  public ObjectWatch {
    listeners = List.copyOf(listeners);
  }
}
