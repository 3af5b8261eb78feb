package ai.llmd.epp.application.metrics;

import ai.llmd.epp.application.port.out.objects.ObjectListener;

/** A plugin that learns from the objects of a {@link KubernetesNotificationSource}. */
public interface ObjectExtractor extends Extractor, ObjectListener {

  @Override
  String type();
}
