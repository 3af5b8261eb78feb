package ai.llmd.epp.application.planted;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

final class KnowsALogger {
  final Logger log = LoggerFactory.getLogger(KnowsALogger.class);
}
