/** What all threads have in common that are to run as long as the program. */
@NullMarked
package ai.llmd.epp.application.threads;

import org.jspecify.annotations.NullMarked;
