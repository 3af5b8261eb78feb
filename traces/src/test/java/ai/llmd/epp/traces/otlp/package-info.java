@NullMarked
package ai.llmd.epp.traces.otlp;

import org.jspecify.annotations.NullMarked;
