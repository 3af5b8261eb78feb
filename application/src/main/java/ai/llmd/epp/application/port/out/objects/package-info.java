/** Objects of Kubernetes that plugins learn from. */
@NullMarked
package ai.llmd.epp.application.port.out.objects;

import org.jspecify.annotations.NullMarked;
