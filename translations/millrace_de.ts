<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>millrace::desktop::Banner</name>
    <message>
        <location filename="../app/desktop/views/widgets/banner.cpp" line="+33"/>
        <location line="+1"/>
        <source>Dismiss</source>
        <translation>Ausblenden</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::BodyView</name>
    <message>
        <location filename="../app/desktop/views/body_view.cpp" line="+37"/>
        <source>Message body</source>
        <extracomment>Accessible name of the pane with a message&apos;s body</extracomment>
        <translation>Inhalt der Nachricht</translation>
    </message>
    <message>
        <location line="+19"/>
        <source>Empty body</source>
        <extracomment>What a message body is</extracomment>
        <translation>Leerer Inhalt</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>JSON, %1</source>
        <extracomment>What a message body is; %1 is its size</extracomment>
        <translation>JSON, %1</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Text, %1</source>
        <extracomment>What a message body is; %1 is its size</extracomment>
        <translation>Text, %1</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Bytes, %1</source>
        <extracomment>What a message body is; %1 is its size</extracomment>
        <translation>Bytes, %1</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>; only the beginning is shown</source>
        <extracomment>After the kind of a body</extracomment>
        <translation>; nur der Anfang wird gezeigt</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::CommandLine</name>
    <message>
        <location filename="../app/desktop/command_line.cpp" line="+57"/>
        <source>Keep the pipeline&apos;s data in &lt;dir&gt;.</source>
        <translation>Daten der Pipeline in &lt;dir&gt; ablegen.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Declare the queues of the pipeline file &lt;file&gt;.</source>
        <translation>Die Queues der Pipeline-Datei &lt;file&gt; anlegen.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Watch the node at &lt;endpoint&gt; instead of running one.</source>
        <translation>Den Knoten unter &lt;endpoint&gt; beobachten, statt einen zu starten.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Colours: auto, light or dark.</source>
        <translation>Farben: auto, light oder dark.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Language, for example en or de.</source>
        <translation>Sprache, zum Beispiel en oder de.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Run the demo without a display, write a picture of each page into &lt;dir&gt;, and end.</source>
        <translation>Die Demo ohne Bildschirm ausführen, von jeder Seite ein Bild in &lt;dir&gt; schreiben und enden.</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>A durable message pipeline, and the window in which you see it work.</source>
        <translation>Eine dauerhafte Nachrichten-Pipeline und das Fenster, in dem Sie sie arbeiten sehen.</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Show this help.</source>
        <translation>Diese Hilfe anzeigen.</translation>
    </message>
    <message>
        <location line="+10"/>
        <source>unknown argument “%1”; see --help</source>
        <translation>unbekanntes Argument „%1“; siehe --help</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>--%1 needs a value; see --help</source>
        <extracomment>%1 is the name of an option</extracomment>
        <translation>--%1 braucht einen Wert; siehe --help</translation>
    </message>
    <message>
        <location line="+6"/>
        <source>--theme must be auto, light or dark, not “%1”</source>
        <translation>--theme muss auto, light oder dark sein, nicht „%1“</translation>
    </message>
    <message>
        <location line="+9"/>
        <source>there is no place for the data (%1); name one with --data</source>
        <translation>es gibt keinen Ort für die Daten (%1); nennen Sie einen mit --data</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::DeadLetterAttemptModel</name>
    <message>
        <location filename="../app/desktop/models/dead_letter_detail_models.cpp" line="+209"/>
        <source>#</source>
        <extracomment>Column titles of the table of attempts; short. Number of the attempt.</extracomment>
        <translation>Nr.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Took</source>
        <translation>Dauer</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Worker</source>
        <translation>Worker</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Error</source>
        <extracomment>Short stable name of an error.</extracomment>
        <translation>Fehler</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Text</source>
        <translation>Text</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::DeadLetterEnvelopeModel</name>
    <message>
        <location line="-166"/>
        <source>queue</source>
        <extracomment>Names of the facts about a dead letter; short.</extracomment>
        <translation>Queue</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>state</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>reason</source>
        <translation>Grund</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>died</source>
        <translation>unzustellbar seit</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>submitted</source>
        <translation>eingestellt</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>attempts</source>
        <translation>Versuche</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>replayed before</source>
        <extracomment>How often this message was replayed before.</extracomment>
        <translation>zuvor erneut eingestellt</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>replay of</source>
        <extracomment>The dead letter whose replay this message was.</extracomment>
        <translation>erneut eingestellt aus</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>replayed as</source>
        <extracomment>The new message that a replay made from this dead letter.</extracomment>
        <translation>erneut eingestellt als</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>closed</source>
        <extracomment>When the dead letter was replayed or discarded.</extracomment>
        <translation>abgeschlossen</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>closed by</source>
        <extracomment>Who replayed or discarded the dead letter.</extracomment>
        <translation>abgeschlossen von</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>body size</source>
        <translation>Größe des Inhalts</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>last worker</source>
        <translation>letzter Worker</translation>
    </message>
    <message>
        <location line="+12"/>
        <source>envelope</source>
        <extracomment>Shown in place of the attributes of a damaged message.</extracomment>
        <translation>Umschlag</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>cannot be read: %1</source>
        <translation>nicht lesbar: %1</translation>
    </message>
    <message>
        <location line="+53"/>
        <source>Attribute</source>
        <extracomment>Column titles of a table of attributes.</extracomment>
        <translation>Attribut</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::DeadLetterGroupModel</name>
    <message>
        <location filename="../app/desktop/models/dead_letter_group_model.cpp" line="+104"/>
        <source>first %1, last %2</source>
        <extracomment>When a failure was first and last seen: %1 is a time of day, %2 for example &quot;3 min ago&quot;.</extracomment>
        <translation>zuerst %1, zuletzt %2</translation>
    </message>
    <message>
        <location line="+9"/>
        <source>%1
Reason: %2
Queues: %3
First: %4
Last: %5</source>
        <extracomment>Tooltip of a group of like failures: text, reason, queues, first and last time.</extracomment>
        <translation>%1
Grund: %2
Queues: %3
Zuerst: %4
Zuletzt: %5</translation>
    </message>
    <message>
        <location line="+17"/>
        <source>All groups</source>
        <extracomment>First row of the groups of failures: every dead letter.</extracomment>
        <translation>Alle Gruppen</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>All groups, %1</source>
        <translation>Alle Gruppen, %1</translation>
    </message>
    <message>
        <location line="+17"/>
        <source>%1, %2</source>
        <extracomment>Read aloud for a group of failures: error class and count.</extracomment>
        <translation>%1, %2</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::DeadLetterInspector</name>
    <message>
        <location filename="../app/desktop/views/dead_letters_inspector.cpp" line="+71"/>
        <location line="+21"/>
        <source>Envelope</source>
        <extracomment>Tab of the inspector
----------
Accessible name of a table</extracomment>
        <translation>Umschlag</translation>
    </message>
    <message>
        <location line="-19"/>
        <source>Body</source>
        <extracomment>Tab of the inspector</extracomment>
        <translation>Inhalt</translation>
    </message>
    <message>
        <location line="+2"/>
        <location line="+41"/>
        <source>Attempts</source>
        <extracomment>Tab of the inspector
----------
Accessible name of a table</extracomment>
        <translation>Versuche</translation>
    </message>
    <message>
        <location line="-22"/>
        <source>Copy value</source>
        <extracomment>Menu entry: copies the value of an attribute</extracomment>
        <translation>Wert kopieren</translation>
    </message>
    <message>
        <location line="+28"/>
        <source>Error text of the attempt</source>
        <extracomment>Accessible name of a pane</extracomment>
        <translation>Fehlertext des Versuchs</translation>
    </message>
    <message>
        <location line="+16"/>
        <source>The message could not be read</source>
        <translation>Die Nachricht konnte nicht gelesen werden</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>It may be gone, or the connection is. Press F5 to read the list again.</source>
        <translation>Sie ist vielleicht weg, oder die Verbindung. F5 liest die Liste neu.</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>No message selected</source>
        <translation>Keine Nachricht ausgewählt</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Select a row to read its envelope, its body and every attempt.</source>
        <translation>Wählen Sie eine Zeile, um Umschlag, Inhalt und jeden Versuch zu lesen.</translation>
    </message>
    <message>
        <location line="+9"/>
        <source>%1 in %2</source>
        <extracomment>Where a message is: its type and its queue</extracomment>
        <translation>%1 in %2</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::DeadLetterTableModel</name>
    <message>
        <location filename="../app/desktop/models/dead_letter_table_model.cpp" line="+287"/>
        <source>Attempts: %1. Replayed before: %2.</source>
        <extracomment>Tooltip; %1 is a number of attempts, %2 how often the message was replayed before.</extracomment>
        <translation>Versuche: %1. Zuvor erneut eingestellt: %2.</translation>
    </message>
    <message>
        <location line="+32"/>
        <source>selected for an action</source>
        <translation>für eine Aktion ausgewählt</translation>
    </message>
    <message>
        <location line="+21"/>
        <source>Time</source>
        <extracomment>Column titles of the dead letter table; short. When it became a dead letter.</extracomment>
        <translation>Zeit</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Queue</source>
        <translation>Queue</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Type</source>
        <extracomment>The type of a message, for example order.created.</extracomment>
        <translation>Typ</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Tries</source>
        <extracomment>Number of attempts; very short.</extracomment>
        <translation>Versuche</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::DeadLettersPage</name>
    <message>
        <location filename="../app/desktop/views/dead_letters_actions.cpp" line="+53"/>
        <source>All queues</source>
        <extracomment>Filter: no restriction by queue</extracomment>
        <translation>Alle Queues</translation>
    </message>
    <message>
        <location line="+57"/>
        <source>%1 of %2</source>
        <extracomment>Counts: matching the filter, and in all</extracomment>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <location line="+5"/>
        <source>%1 new</source>
        <extracomment>Button that reads the list again; %1 dead letters came since</extracomment>
        <translation>%1 neu</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>The list stays as it was when it was opened. Press to read it again.</source>
        <extracomment>Tooltip</extracomment>
        <translation>Die Liste bleibt, wie sie beim Öffnen war. Hier wird sie neu gelesen.</translation>
    </message>
    <message>
        <location line="+9"/>
        <source>Not connected yet</source>
        <translation>Noch nicht verbunden</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Dead letters are read as soon as the pipeline answers.</source>
        <translation>Unzustellbare werden gelesen, sobald die Pipeline antwortet.</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Reading dead letters</source>
        <translation>Unzustellbare werden gelesen</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>The list is on its way.</source>
        <translation>Die Liste ist unterwegs.</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>No dead letters</source>
        <translation>Keine Unzustellbaren</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Every message was acknowledged, or is still being tried.</source>
        <translation>Jede Nachricht wurde bestätigt oder wird noch versucht.</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>Nothing matches the filter</source>
        <extracomment>Button that removes every restriction of the filter</extracomment>
        <translation>Nichts passt zum Filter</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>There may be dead letters that it leaves out.</source>
        <translation>Es kann Unzustellbare geben, die er auslässt.</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Clear the filter</source>
        <translation>Filter leeren</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>The list could not be read</source>
        <extracomment>Button that repeats what failed</extracomment>
        <translation>Die Liste konnte nicht gelesen werden</translation>
    </message>
    <message>
        <location line="+1"/>
        <location filename="../app/desktop/views/dead_letters_page.cpp" line="+266"/>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <location line="+20"/>
        <source>%1 selected</source>
        <extracomment>How many rows are checked</extracomment>
        <translation>%1 ausgewählt</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Select none</source>
        <extracomment>Buttons: uncheck every row; check every row that matches</extracomment>
        <translation>Keine auswählen</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Select all</source>
        <translation>Alle auswählen</translation>
    </message>
    <message>
        <location line="+18"/>
        <source>Replay all that match (%1)</source>
        <extracomment>Buttons for all rows of the list, which are those that match the filter</extracomment>
        <translation>Alle passenden neu einstellen (%1)</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Discard all that match (%1)</source>
        <translation>Alle passenden verwerfen (%1)</translation>
    </message>
    <message>
        <location line="+23"/>
        <source>Refresh</source>
        <extracomment>Button that reads the list again</extracomment>
        <translation>Neu lesen</translation>
    </message>
    <message>
        <location line="+92"/>
        <source>Rows of this range are not loaded, so none was selected. Select a shorter range, or narrow the filter and select all.</source>
        <translation>Zeilen dieses Bereichs sind nicht geladen, darum wurde keine ausgewählt. Wählen Sie einen kürzeren Bereich, oder engen Sie den Filter ein und wählen Sie alle.</translation>
    </message>
    <message>
        <location line="+35"/>
        <source>Only dead letters can be replayed or discarded; these are closed.</source>
        <extracomment>Why a button is disabled: the list shows letters that were replayed or discarded</extracomment>
        <translation>Nur Unzustellbare lassen sich erneut einstellen oder verwerfen; diese sind abgeschlossen.</translation>
    </message>
    <message>
        <location line="+35"/>
        <source>Each goes back to the queue it came from as a new message. What arrives after your click is not in it, and one that is no longer dead is skipped.</source>
        <translation>Jede geht als neue Nachricht in die Queue zurück, aus der sie kam. Was nach Ihrem Klick eintrifft, ist nicht dabei, und was nicht mehr unzustellbar ist, wird übergangen.</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Replay %1</source>
        <extracomment>Button</extracomment>
        <translation>%1 neu einstellen</translation>
    </message>
    <message>
        <location line="+6"/>
        <source>Discard %1</source>
        <extracomment>Button</extracomment>
        <translation>%1 verwerfen</translation>
    </message>
    <message>
        <location line="+6"/>
        <source>Queues: %1</source>
        <extracomment>Line of a dialog; %1 are names of queues</extracomment>
        <translation>Queues: %1</translation>
    </message>
    <message>
        <location line="+40"/>
        <source>Copy id</source>
        <extracomment>Menu entry: copies the id of a message</extracomment>
        <translation>Id kopieren</translation>
    </message>
    <message>
        <location line="-245"/>
        <source>Replay group (%1)</source>
        <extracomment>Buttons for all rows of the list, which are those of one group</extracomment>
        <translation>Gruppe neu einstellen (%1)</translation>
    </message>
    <message>
        <location line="+8"/>
        <source>Replay all (%1)</source>
        <extracomment>Buttons for all rows of the list</extracomment>
        <translation>Alle neu einstellen (%1)</translation>
    </message>
    <message>
        <location line="-7"/>
        <source>Discard group (%1)</source>
        <translation>Gruppe verwerfen (%1)</translation>
    </message>
    <message>
        <location line="+8"/>
        <source>Discard all (%1)</source>
        <translation>Alle verwerfen (%1)</translation>
    </message>
    <message>
        <location line="+16"/>
        <source>Cancel</source>
        <extracomment>Button that ends a running replay or discard</extracomment>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <location line="+6"/>
        <source>Undo</source>
        <extracomment>Button that takes a discard back</extracomment>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <location line="+158"/>
        <source>Replay %1 dead letters?</source>
        <extracomment>Title of a dialog</extracomment>
        <translation>%1 Unzustellbare erneut einstellen?</translation>
    </message>
    <message>
        <location filename="../app/desktop/views/dead_letters_page.cpp" line="-57"/>
        <source>Replay</source>
        <extracomment>Button: puts the selected dead letters back to work</extracomment>
        <translation>Neu einstellen</translation>
    </message>
    <message>
        <location filename="../app/desktop/views/dead_letters_actions.cpp" line="+7"/>
        <source>Discard %1 dead letters?</source>
        <extracomment>Title of a dialog</extracomment>
        <translation>%1 Unzustellbare verwerfen?</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>They leave this list and are not tried again. It can be undone.</source>
        <translation>Sie verlassen diese Liste und werden nicht erneut versucht. Es lässt sich rückgängig machen.</translation>
    </message>
    <message>
        <location filename="../app/desktop/views/dead_letters_page.cpp" line="+2"/>
        <location line="+118"/>
        <source>Discard</source>
        <extracomment>Button: discards the selected dead letters</extracomment>
        <translation>Verwerfen</translation>
    </message>
    <message>
        <location filename="../app/desktop/views/dead_letters_actions.cpp" line="+10"/>
        <source>Reason (kept in the audit log)</source>
        <extracomment>Line in which a person says why, for the audit log</extracomment>
        <translation>Grund (bleibt im Prüfprotokoll)</translation>
    </message>
    <message>
        <location filename="../app/desktop/views/dead_letters_page.cpp" line="-171"/>
        <source>Groups of like failures</source>
        <extracomment>Accessible name of the list of groups of like failures</extracomment>
        <translation>Gruppen gleicher Fehler</translation>
    </message>
    <message>
        <location line="-64"/>
        <source>Text in id, type, error or body</source>
        <extracomment>Placeholder of the text filter of dead letters</extracomment>
        <translation>Text in Id, Typ, Fehler oder Inhalt</translation>
    </message>
    <message>
        <location line="+7"/>
        <source>Any reason</source>
        <extracomment>Filter: no restriction by reason</extracomment>
        <translation>Jeder Grund</translation>
    </message>
    <message>
        <location line="+5"/>
        <source>Any time</source>
        <extracomment>Filter: no restriction by time</extracomment>
        <translation>Jede Zeit</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Last 15 minutes</source>
        <extracomment>Filter by time of death</extracomment>
        <translation>Letzte 15 Minuten</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Last hour</source>
        <extracomment>Filter by time of death</extracomment>
        <translation>Letzte Stunde</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Last 24 hours</source>
        <extracomment>Filter by time of death</extracomment>
        <translation>Letzte 24 Stunden</translation>
    </message>
    <message>
        <location line="+8"/>
        <source>Clear</source>
        <extracomment>Button that removes every restriction of the filter</extracomment>
        <translation>Leeren</translation>
    </message>
    <message>
        <location line="+11"/>
        <source>Queue</source>
        <extracomment>Accessible name of a filter</extracomment>
        <translation>Queue</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Reason</source>
        <extracomment>Accessible name of a filter</extracomment>
        <translation>Grund</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Time of death</source>
        <extracomment>Accessible name of a filter</extracomment>
        <translation>Zeitpunkt</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>State</source>
        <extracomment>Accessible name of a filter</extracomment>
        <translation>Zustand</translation>
    </message>
    <message>
        <location line="+59"/>
        <source>Dead letters</source>
        <extracomment>Accessible name of the table of dead letters</extracomment>
        <translation>Unzustellbare</translation>
    </message>
    <message>
        <location line="+70"/>
        <source>Some rows could not be read.</source>
        <extracomment>Button that repeats what failed</extracomment>
        <translation>Einige Zeilen konnten nicht gelesen werden.</translation>
    </message>
    <message>
        <location line="+57"/>
        <source>Next or previous message</source>
        <translation>Nächste oder vorige Nachricht</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Check or uncheck the message</source>
        <translation>Nachricht an- oder abwählen</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Check every message on the way</source>
        <translation>Jede Nachricht unterwegs anwählen</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Check all that match</source>
        <translation>Alle passenden anwählen</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Go on to the body</source>
        <translation>Weiter zum Inhalt</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Replay, and move to the next</source>
        <translation>Neu einstellen und zur nächsten</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Take the last discard back</source>
        <translation>Letztes Verwerfen zurücknehmen</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Filter by text</source>
        <translation>Nach Text filtern</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Read the list again</source>
        <translation>Liste neu lesen</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::DeadLettersViewModel</name>
    <message>
        <location filename="../app/desktop/viewmodels/dead_letters_view_model.cpp" line="+365"/>
        <source>There is no pipeline.</source>
        <translation>Es gibt keine Pipeline.</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::FirstStart</name>
    <message>
        <location filename="../app/desktop/views/first_start.cpp" line="+27"/>
        <source>A pipeline is running in this window. “Run 200 orders” sends orders through %1, as its Start on Workloads does. Watch Overview and Dead letters.</source>
        <extracomment>%1 is the title of a workload.</extracomment>
        <translation>In diesem Fenster läuft eine Pipeline. „200 Bestellungen starten“ schickt Bestellungen durch %1, wie Start unter Workloads. Sehen Sie auf Überblick und Unzustellbare.</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Run 200 orders</source>
        <translation>200 Bestellungen starten</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::HelpOverlay</name>
    <message>
        <location filename="../app/desktop/views/help_overlay.cpp" line="+25"/>
        <location line="+39"/>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::Letter</name>
    <message>
        <location filename="../app/desktop/models/dead_letter_text.cpp" line="+26"/>
        <source>attempts exhausted</source>
        <extracomment>Why a message became a dead letter: it was tried as often as its queue allows.</extracomment>
        <translation>Versuche erschöpft</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>rejected</source>
        <extracomment>Why a message became a dead letter: its worker refused it for good.</extracomment>
        <translation>abgelehnt</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>expired</source>
        <extracomment>Why a message became a dead letter: its time was over before it was delivered.</extracomment>
        <translation>abgelaufen</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>schema invalid</source>
        <extracomment>Why a message became a dead letter: its body does not fit its schema.</extracomment>
        <translation>Schema verletzt</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>crashed in flight</source>
        <extracomment>Why a message became a dead letter: the process died while it worked on it.</extracomment>
        <translation>im Lauf abgestürzt</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>deadline exceeded</source>
        <extracomment>Why a message became a dead letter: its queue allows no attempt so late.</extracomment>
        <translation>Frist überschritten</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>given up</source>
        <extracomment>Why a message became a dead letter: a person ended it.</extracomment>
        <translation>aufgegeben</translation>
    </message>
    <message>
        <location line="+9"/>
        <source>dead</source>
        <extracomment>State of a dead letter that nobody has dealt with.</extracomment>
        <translation>unzustellbar</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>archived</source>
        <extracomment>State of a dead letter that was put away.</extracomment>
        <translation>archiviert</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>replayed</source>
        <extracomment>State of a dead letter that was put back to work.</extracomment>
        <translation>erneut eingestellt</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>discarded</source>
        <extracomment>State of a dead letter that was thrown away.</extracomment>
        <translation>verworfen</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::LiveChart</name>
    <message>
        <location filename="../app/desktop/charts/live_chart_paint.cpp" line="+107"/>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <location line="+5"/>
        <source>%1 min</source>
        <extracomment>Axis of a chart: %1 minutes ago, with a minus sign.</extracomment>
        <translation>%1 min</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>%1 s</source>
        <extracomment>Axis of a chart: %1 seconds ago, with a minus sign.</extracomment>
        <translation>%1 s</translation>
    </message>
    <message>
        <location line="+43"/>
        <source>no figures yet</source>
        <translation>noch keine Werte</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::LivePanel</name>
    <message>
        <location filename="../app/desktop/views/live_panel.cpp" line="+30"/>
        <location line="+4"/>
        <source>Cancel</source>
        <extracomment>Buttons below a list of messages</extracomment>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <location line="-2"/>
        <source>Try now</source>
        <translation>Jetzt versuchen</translation>
    </message>
    <message>
        <location line="+1"/>
        <location line="+156"/>
        <source>Give up</source>
        <extracomment>Button</extracomment>
        <translation>Aufgeben</translation>
    </message>
    <message>
        <location line="-153"/>
        <source>Resume key</source>
        <extracomment>Button: what is parked behind dead letters of a key goes on</extracomment>
        <translation>Schlüssel freigeben</translation>
    </message>
    <message>
        <location line="+3"/>
        <location line="+74"/>
        <source>Pause</source>
        <extracomment>Buttons below the list of schedules</extracomment>
        <translation>Anhalten</translation>
    </message>
    <message>
        <location line="-74"/>
        <source>Run now</source>
        <translation>Jetzt ausführen</translation>
    </message>
    <message>
        <location line="+59"/>
        <source>Running</source>
        <extracomment>Tabs: messages that workers hold, that wait for a retry, keys that are held up, schedules</extracomment>
        <translation>In Arbeit</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Retries</source>
        <translation>Wiederholungen</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Parked keys</source>
        <translation>Geparkte Schlüssel</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Schedules</source>
        <translation>Zeitpläne</translation>
    </message>
    <message>
        <location line="+12"/>
        <source>Resume</source>
        <extracomment>Buttons below the list of schedules</extracomment>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <location line="+14"/>
        <source>This cannot be shown</source>
        <translation>Das kann nicht gezeigt werden</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>Reading</source>
        <translation>Wird gelesen</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>The list is on its way.</source>
        <translation>Die Liste ist unterwegs.</translation>
    </message>
    <message>
        <location line="+5"/>
        <source>Nothing runs</source>
        <translation>Nichts in Arbeit</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>No worker holds a message of this queue now.</source>
        <translation>Kein Worker hält gerade eine Nachricht dieser Queue.</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>No retries wait</source>
        <translation>Keine Wiederholung wartet</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Nothing in this queue failed and waits for its next attempt.</source>
        <translation>Nichts in dieser Queue ist gescheitert und wartet auf den nächsten Versuch.</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>No key is held up</source>
        <translation>Kein Schlüssel ist geparkt</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Messages of a key are parked behind its dead letter where the queue&apos;s policy says so.</source>
        <translation>Nachrichten eines Schlüssels warten hinter einer unzustellbaren, wenn die Regeln der Queue es so wollen.</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>No schedules</source>
        <translation>Keine Zeitpläne</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Schedules come from a pipeline file or from a program.</source>
        <translation>Zeitpläne stehen in einer Pipeline-Datei oder kommen aus einem Programm.</translation>
    </message>
    <message>
        <location line="+12"/>
        <source>Select a row first.</source>
        <extracomment>Tooltip of a button that is disabled because no row is selected</extracomment>
        <translation>Zuerst eine Zeile auswählen.</translation>
    </message>
    <message>
        <location line="+21"/>
        <source>Cancel %1 messages?</source>
        <extracomment>Title of a dialog; %1 is a number.</extracomment>
        <translation>%1 Nachrichten abbrechen?</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Their workers are told to stop. They are gone then: no attempt, no dead letter.</source>
        <translation>Ihre Worker sollen aufhören. Sie sind danach weg: kein Versuch mehr, keine Unzustellbare.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>They are gone then: no further attempt, no dead letter.</source>
        <translation>Sie sind danach weg: kein Versuch mehr, keine Unzustellbare.</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Cancel messages</source>
        <extracomment>Button</extracomment>
        <translation>Nachrichten abbrechen</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Give up %1 messages?</source>
        <extracomment>Title of a dialog; %1 is a number.</extracomment>
        <translation>%1 Nachrichten aufgeben?</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>They become dead letters now, and can be replayed from there.</source>
        <translation>Sie werden jetzt unzustellbar und lassen sich von dort erneut einstellen.</translation>
    </message>
    <message>
        <location line="+5"/>
        <source>Reason (kept in the audit log)</source>
        <translation>Grund (bleibt im Prüfprotokoll)</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::LiveViewModel</name>
    <message>
        <location filename="../app/desktop/viewmodels/live_view_model.cpp" line="+26"/>
        <location line="+3"/>
        <source>Message</source>
        <extracomment>Headings of a table: what workers hold now
----------
Headings of a table: what failed and waits for its next attempt</extracomment>
        <translation>Nachricht</translation>
    </message>
    <message>
        <location line="-3"/>
        <source>Worker</source>
        <translation>Worker</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Attempt</source>
        <translation>Versuch</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Running</source>
        <translation>Laufzeit</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Lease left</source>
        <translation>Leihfrist noch</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Failed attempts</source>
        <translation>Gescheiterte Versuche</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Next try</source>
        <translation>Nächster Versuch</translation>
    </message>
    <message>
        <location line="+0"/>
        <location line="+2"/>
        <source>Key</source>
        <extracomment>Headings of a table: partition keys that are held up by a dead letter</extracomment>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Parked messages</source>
        <translation>Geparkte Nachrichten</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Behind dead letter</source>
        <translation>Hinter Unzustellbarer</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Schedule</source>
        <extracomment>Headings of a table: messages that the pipeline submits by itself</extracomment>
        <translation>Zeitplan</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Times (UTC)</source>
        <translation>Zeiten (UTC)</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Goes to</source>
        <translation>Ziel</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Next run</source>
        <translation>Nächster Lauf</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Last run</source>
        <translation>Letzter Lauf</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <location line="+116"/>
        <source>over</source>
        <extracomment>The lease of a message has run out</extracomment>
        <translation>vorbei</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Since %1</source>
        <extracomment>%1 is a date with time.</extracomment>
        <translation>Seit %1</translation>
    </message>
    <message>
        <location line="+40"/>
        <source>cannot submit: %1</source>
        <extracomment>State of a schedule; %1 says why.</extracomment>
        <translation>kann nicht einstellen: %1</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>paused</source>
        <extracomment>State of a schedule</extracomment>
        <translation>angehalten</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>differs from file</source>
        <extracomment>State of a schedule: somebody changed it by hand</extracomment>
        <translation>weicht von der Datei ab</translation>
    </message>
    <message>
        <location line="+7"/>
        <source>never</source>
        <extracomment>A schedule has not run yet</extracomment>
        <translation>nie</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>Next runs:</source>
        <translation>Nächste Läufe:</translation>
    </message>
    <message>
        <location line="+52"/>
        <source>What waited behind key %1 goes on.</source>
        <extracomment>%1 is a partition key.</extracomment>
        <translation>Was hinter Schlüssel %1 wartete, geht weiter.</translation>
    </message>
    <message>
        <location line="+9"/>
        <source>%1 is paused. What falls due meanwhile is not made up for.</source>
        <extracomment>%1 is the name of a schedule.</extracomment>
        <translation>%1 ist angehalten. Was inzwischen fällig wird, wird nicht nachgeholt.</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>%1 is resumed.</source>
        <translation>%1 läuft wieder.</translation>
    </message>
    <message>
        <location line="+10"/>
        <source>%1: a message was submitted.</source>
        <extracomment>%1 is the name of a schedule.</extracomment>
        <translation>%1: Eine Nachricht wurde eingestellt.</translation>
    </message>
    <message>
        <location line="+15"/>
        <source>%1 cancelled.</source>
        <translation>%1 abgebrochen.</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>%1 tried now.</source>
        <translation>%1 werden jetzt versucht.</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>%1 given up; they are dead letters now.</source>
        <extracomment>Outcome; %1 is a number of messages.</extracomment>
        <translation>%1 aufgegeben; sie sind jetzt unzustellbar.</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>%1 skipped: not there any more, or in another state.</source>
        <extracomment>Outcome; %1 is a number of messages.</extracomment>
        <translation>%1 übersprungen: nicht mehr da oder in einem anderen Zustand.</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::MainWindow</name>
    <message>
        <location filename="../app/desktop/views/main_window.cpp" line="+100"/>
        <source>Overview</source>
        <translation>Überblick</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Queues</source>
        <translation>Queues</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Dead letters</source>
        <translation>Unzustellbare</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Workloads</source>
        <translation>Workloads</translation>
    </message>
    <message>
        <location line="+27"/>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Keyboard shortcuts (?)</source>
        <translation>Tastenkürzel (?)</translation>
    </message>
    <message>
        <location line="+12"/>
        <location line="+1"/>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <location line="+10"/>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <location line="+31"/>
        <source>Go to a page</source>
        <translation>Zu einer Seite wechseln</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Close the window and stop the pipeline</source>
        <translation>Fenster schließen und Pipeline anhalten</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>This list</source>
        <translation>Diese Liste</translation>
    </message>
    <message>
        <location line="+9"/>
        <source>Starting the pipeline…</source>
        <translation>Die Pipeline startet …</translation>
    </message>
    <message>
        <location line="+8"/>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>no pipeline</source>
        <translation>keine Pipeline</translation>
    </message>
    <message>
        <location line="+87"/>
        <source>%1 · %2</source>
        <extracomment>The connection: %1 how fresh its figures are, %2 its name.</extracomment>
        <translation>%1 · %2</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::NavigationButton</name>
    <message>
        <location filename="../app/desktop/views/navigation.cpp" line="+41"/>
        <source>%1, %2</source>
        <extracomment>For screen readers: %1 the name of a page, %2 a count.</extracomment>
        <translation>%1, %2</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::OperationsViewModel</name>
    <message>
        <location filename="../app/desktop/viewmodels/operations_view_model.cpp" line="+125"/>
        <source>undo</source>
        <translation>rückgängig</translation>
    </message>
    <message>
        <location line="+18"/>
        <source>Replaying: %1 of %2</source>
        <extracomment>Progress of an act on dead letters; %1 of %2 are done.</extracomment>
        <translation>Wird neu eingestellt: %1 von %2</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Discarding: %1 of %2</source>
        <translation>Wird verworfen: %1 von %2</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Restoring: %1 of %2</source>
        <translation>Wird wiederhergestellt: %1 von %2</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Archiving: %1 of %2</source>
        <translation>Wird archiviert: %1 von %2</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>It could not be cancelled. %1</source>
        <extracomment>Appended to the progress; %1 is the reason.</extracomment>
        <translation>Es ließ sich nicht abbrechen. %1</translation>
    </message>
    <message>
        <location line="+10"/>
        <source>%1 replayed</source>
        <extracomment>What came of an act on dead letters; %1 is a number.</extracomment>
        <translation>%1 erneut eingestellt</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>%1 discarded</source>
        <translation>%1 verworfen</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>%1 restored</source>
        <translation>%1 wiederhergestellt</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>%1 archived</source>
        <translation>%1 archiviert</translation>
    </message>
    <message>
        <location line="+5"/>
        <source>, %1 skipped: no longer discarded</source>
        <translation>, %1 übergangen: nicht mehr verworfen</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>, %1 skipped: no longer dead, or the queue is gone or full</source>
        <extracomment>Appended to the outcome; %1 is a number.</extracomment>
        <translation>, %1 übergangen: nicht mehr unzustellbar, oder die Queue fehlt oder ist voll</translation>
    </message>
    <message>
        <location line="+5"/>
        <source>; cancelled, %1 left as they were</source>
        <extracomment>Appended to the outcome of a cancelled act; %1 is a number.</extracomment>
        <translation>; abgebrochen, %1 blieben, wie sie waren</translation>
    </message>
    <message>
        <location line="+11"/>
        <source>Cancelling…</source>
        <translation>Wird abgebrochen …</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>Nothing was changed. %1</source>
        <extracomment>%1 says why.</extracomment>
        <translation>Nichts wurde geändert. %1</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Nobody can tell whether this began: the node did not answer. Refresh to see which letters are still dead, then act on those; no letter is ever replayed twice. %1</source>
        <extracomment>%1 says more.</extracomment>
        <translation>Niemand kann sagen, ob dies begann: Der Knoten hat nicht geantwortet. Lesen Sie die Liste neu, um zu sehen, was noch unzustellbar ist, und handeln Sie damit; nichts wird je zweimal erneut eingestellt. %1</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::OverviewPage</name>
    <message>
        <location filename="../app/desktop/views/overview_page.cpp" line="+88"/>
        <source>Nothing was heard of the pipeline yet</source>
        <translation>Von der Pipeline war noch nichts zu hören</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>If this stays, look whether its node runs: “millrace-node status” tells.</source>
        <translation>Wenn das so bleibt, sehen Sie nach, ob ihr Node läuft: „millrace-node status“ sagt es.</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>The pipeline is running and empty</source>
        <translation>Die Pipeline läuft und ist leer</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>Run 200 demo orders through it: the charts start to move, some payments are refused, and you can replay what failed.</source>
        <translation>Schicken Sie 200 Demo-Bestellungen hindurch: Die Diagramme kommen in Bewegung, einige Zahlungen werden abgelehnt, und was gescheitert ist, können Sie erneut einstellen.</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Run 200 orders</source>
        <translation>200 Bestellungen starten</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>It runs in another program. The charts start to move when that program submits messages.</source>
        <translation>Sie läuft in einem anderen Programm. Die Diagramme bewegen sich, sobald dieses Programm Nachrichten einreicht.</translation>
    </message>
    <message>
        <location line="+22"/>
        <source>Pause or resume the charts</source>
        <translation>Diagramme anhalten oder fortsetzen</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Show a minute, ten minutes, an hour</source>
        <translation>Eine Minute, zehn Minuten, eine Stunde zeigen</translation>
    </message>
    <message>
        <location line="+11"/>
        <source>Queue</source>
        <translation>Queue</translation>
    </message>
    <message>
        <location line="+14"/>
        <source>1 min</source>
        <extracomment>Time ranges of the charts, as short as possible.</extracomment>
        <translation>1 min</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>10 min</source>
        <translation>10 min</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>1 h</source>
        <translation>1 h</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Time range</source>
        <translation>Zeitraum</translation>
    </message>
    <message>
        <location line="+26"/>
        <source>Depth</source>
        <extracomment>Figures of the overview: how many messages wait; how long the oldest waits; rates per second.</extracomment>
        <translation>Bestand</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Lag</source>
        <translation>Rückstand</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>In</source>
        <translation>Eingang</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Out</source>
        <translation>Ausgang</translation>
    </message>
    <message>
        <location line="+1"/>
        <location line="+21"/>
        <source>Retries</source>
        <translation>Wiederholungen</translation>
    </message>
    <message>
        <location line="-20"/>
        <location line="+22"/>
        <source>Dead letters</source>
        <translation>Unzustellbare</translation>
    </message>
    <message>
        <location line="-11"/>
        <source>Depth by state</source>
        <translation>Bestand nach Zustand</translation>
    </message>
    <message>
        <location line="+5"/>
        <source>Throughput</source>
        <translation>Durchsatz</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>in</source>
        <translation>Eingang</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>out</source>
        <translation>Ausgang</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Lag, oldest ready</source>
        <translation>Rückstand, älteste bereite</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>lag</source>
        <translation>Rückstand</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>retries</source>
        <translation>Wiederholungen</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Waiting</source>
        <translation>Wartezeit</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Running</source>
        <translation>Laufzeit</translation>
    </message>
    <message>
        <location line="+26"/>
        <source>messages</source>
        <translation>Nachrichten</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>per second</source>
        <translation>pro Sekunde</translation>
    </message>
    <message>
        <location line="+56"/>
        <source>All queues</source>
        <translation>Alle Queues</translation>
    </message>
    <message>
        <location line="+10"/>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <location line="+29"/>
        <source>%1 ready, %2 leased</source>
        <translation>%1 bereit, %2 vergeben</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>nothing waits</source>
        <translation>nichts wartet</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>oldest ready message</source>
        <translation>älteste bereite Nachricht</translation>
    </message>
    <message>
        <location line="+2"/>
        <location line="+2"/>
        <location line="+4"/>
        <source>%1 in all</source>
        <translation>%1 insgesamt</translation>
    </message>
    <message>
        <location line="-2"/>
        <source>1 waits for a retry</source>
        <translation>1 wartet auf Versuch</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>%1 wait for a retry</source>
        <translation>%1 warten auf Versuch</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>%1 new in 1 min</source>
        <translation>%1 neu in 1 min</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>none new in 1 min</source>
        <translation>keine neu in 1 min</translation>
    </message>
    <message>
        <location line="+9"/>
        <source>Paused. New figures are kept and shown when you resume.</source>
        <translation>Angehalten. Neue Werte werden aufgehoben und beim Fortsetzen gezeigt.</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>This queue does not exist any more.</source>
        <translation>Diese Queue gibt es nicht mehr.</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>The past could not be loaded: %1</source>
        <translation>Die Vergangenheit konnte nicht geladen werden: %1</translation>
    </message>
    <message>
        <location line="+8"/>
        <source>few samples: %1</source>
        <translation>wenige Messwerte: %1</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::PipelineHost</name>
    <message>
        <location filename="../app/desktop/host/pipeline_host.cpp" line="+118"/>
        <source>Another program holds the data directory</source>
        <translation>Ein anderes Programm belegt das Datenverzeichnis</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>The data was written by a newer Millrace</source>
        <translation>Die Daten stammen von einem neueren Millrace</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>The data is damaged</source>
        <translation>Die Daten sind beschädigt</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>The data directory holds something else</source>
        <translation>Im Datenverzeichnis liegt etwas anderes</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>The disk is full</source>
        <translation>Der Datenträger ist voll</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>The data directory cannot be used</source>
        <translation>Das Datenverzeichnis ist nicht benutzbar</translation>
    </message>
    <message>
        <location line="+14"/>
        <source>The pipeline file has a mistake</source>
        <translation>Die Pipeline-Datei enthält einen Fehler</translation>
    </message>
    <message>
        <location line="+18"/>
        <source>embedded</source>
        <extracomment>The pipeline that runs inside this program.</extracomment>
        <translation>eingebettet</translation>
    </message>
    <message>
        <location line="+13"/>
        <source>The data directory %3 is in use by %1 (process %2). This window is attached to it.</source>
        <extracomment>%1 is a program&apos;s name, %2 a process number, %3 a directory.</extracomment>
        <translation>Das Datenverzeichnis %3 wird von %1 (Prozess %2) benutzt. Dieses Fenster ist damit verbunden.</translation>
    </message>
    <message>
        <location line="+30"/>
        <source>The pipeline cannot be reached</source>
        <translation>Die Pipeline ist nicht erreichbar</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::PolicyDialog</name>
    <message>
        <location filename="../app/desktop/views/policy_dialog.cpp" line="+41"/>
        <source>Policy of %1</source>
        <extracomment>Title of a dialog; %1 is a queue&apos;s name.</extracomment>
        <translation>Regeln von %1</translation>
    </message>
    <message>
        <location line="+45"/>
        <source>Change policy</source>
        <extracomment>Button: the policy is changed</extracomment>
        <translation>Regeln ändern</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <location line="+118"/>
        <source>messages per second; 0 = no limit</source>
        <extracomment>Hint beside a rate limit</extracomment>
        <translation>Nachrichten je Sekunde; 0 = ohne Grenze</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>… at once</source>
        <extracomment>Caption below a rate limit: how many may come at once</extracomment>
        <translation>… auf einmal</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>messages after a pause</source>
        <translation>Nachrichten nach einer Pause</translation>
    </message>
    <message>
        <location line="+11"/>
        <source>Delays of the list</source>
        <extracomment>Caption: the delays of a list, in a form</extracomment>
        <translation>Wartezeiten der Liste</translation>
    </message>
    <message>
        <location line="+15"/>
        <source>milliseconds, with commas between</source>
        <translation>Millisekunden, durch Kommas getrennt</translation>
    </message>
    <message>
        <location line="+6"/>
        <source>Delivery</source>
        <extracomment>Heading in a form</extracomment>
        <translation>Zustellung</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Lease</source>
        <translation>Leihfrist</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>to acknowledge or extend</source>
        <translation>zum Bestätigen oder Verlängern</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Run time</source>
        <translation>Laufzeit</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>then a handler counts as hung</source>
        <translation>danach gilt ein Handler als hängend</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Concurrency</source>
        <translation>Gleichzeitig</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>messages at once, over all workers; 0 = no limit</source>
        <translation>Nachrichten, über alle Worker; 0 = ohne Grenze</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Rate limit</source>
        <translation>Ratengrenze</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Rate limit of a key</source>
        <translation>Ratengrenze je Schlüssel</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>When a message of a key dies</source>
        <translation>Ist eine unzustellbar</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>the others of its key go on</source>
        <extracomment>Choices: what becomes of the later messages of a partition key</extracomment>
        <translation>gehen die übrigen ihres Schlüssels weiter</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>the others of its key wait behind it</source>
        <translation>warten die übrigen ihres Schlüssels</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Crashes</source>
        <translation>Abstürze</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>of the node while it was alone in hand</source>
        <translation>des Knotens mit ihr allein in Arbeit</translation>
    </message>
    <message>
        <location line="+7"/>
        <source>Retries</source>
        <extracomment>Heading in a form</extracomment>
        <translation>Wiederholungen</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Attempts</source>
        <translation>Versuche</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>then it is a dead letter</source>
        <translation>danach ist sie unzustellbar</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Backoff</source>
        <translation>Wartezeit zwischen Versuchen</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>grows, at random</source>
        <extracomment>Choices: how the delay before the next attempt grows</extracomment>
        <translation>wächst, zufällig</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>always the first delay</source>
        <translation>immer die erste Wartezeit</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>a list of delays</source>
        <translation>eine Liste von Wartezeiten</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>First delay</source>
        <translation>Erste Wartezeit</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Growth</source>
        <translation>Wachstum</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>times, after each failure</source>
        <translation>mal, nach jedem Fehlschlag</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Longest delay</source>
        <translation>Längste Wartezeit</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Retry deadline</source>
        <translation>Frist für Versuche</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>after the first attempt; 0 = none</source>
        <translation>nach dem ersten Versuch; 0 = keine</translation>
    </message>
    <message>
        <location line="+7"/>
        <source>Limits</source>
        <extracomment>Heading in a form</extracomment>
        <translation>Grenzen</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Depth limit</source>
        <translation>Grenze des Bestands</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>messages that are not settled</source>
        <translation>Nachrichten, die nicht abgeschlossen sind</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Depth limit in bytes</source>
        <translation>Bestand in Bytes</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>When it is full</source>
        <translation>Wenn sie voll ist</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>submits are refused</source>
        <extracomment>Choices: what a submit meets in a full queue</extracomment>
        <translation>wird Neues abgewiesen</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>producers wait for room</source>
        <translation>warten Produzenten auf Platz</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Body limit</source>
        <translation>Grenze des Inhalts</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Dead letters</source>
        <translation>Unzustellbare</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>at so many nothing more is delivered</source>
        <translation>ab so vielen wird nichts mehr zugestellt</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Retention</source>
        <translation>Aufbewahrung</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>then dead letters are archived; 0 = they stay</source>
        <translation>danach archiviert; 0 = sie bleiben</translation>
    </message>
    <message>
        <location line="+7"/>
        <source>Promises</source>
        <extracomment>Heading in a form: what a confirm is worth</extracomment>
        <translation>Zusagen</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Durability</source>
        <translation>Dauerhaftigkeit</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>full: on disk</source>
        <extracomment>Choices: what it means that a message is confirmed</extracomment>
        <translation>full: auf dem Datenträger</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>normal: survives a killed process</source>
        <translation>normal: übersteht einen abgebrochenen Prozess</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>memory: gone when the node stops</source>
        <translation>memory: weg, wenn der Knoten endet</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Deduplication</source>
        <translation>Dublettenerkennung</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>an idempotency key is remembered; 0 = off</source>
        <translation>ein Idempotenzschlüssel wird gemerkt; 0 = aus</translation>
    </message>
    <message>
        <location line="+48"/>
        <source>%1: this is no number that it can be.</source>
        <extracomment>%1 is the caption of a field.</extracomment>
        <translation>%1: Das ist keine mögliche Zahl.</translation>
    </message>
    <message>
        <location line="+25"/>
        <source>%1: %2 → %3</source>
        <extracomment>One change of a policy: what, as it was, as it will be</extracomment>
        <translation>%1: %2 → %3</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Nothing is different yet. Messages that wait now are treated by the new policy too.</source>
        <translation>Noch ist nichts anders. Auch Nachrichten, die jetzt warten, folgen den neuen Regeln.</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::QuantityEdit</name>
    <message>
        <location filename="../app/desktop/views/widgets/quantity_edit.cpp" line="+35"/>
        <source>ms</source>
        <extracomment>Units of time in a form</extracomment>
        <translation>ms</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>s</source>
        <translation>s</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>min</source>
        <translation>min</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>h</source>
        <translation>h</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>d</source>
        <translation>d</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>B</source>
        <extracomment>Units of size in a form</extracomment>
        <translation>B</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>kB</source>
        <translation>kB</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>KiB</source>
        <translation>KiB</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>MB</source>
        <translation>MB</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>MiB</source>
        <translation>MiB</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>GB</source>
        <translation>GB</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>GiB</source>
        <translation>GiB</translation>
    </message>
    <message>
        <location line="+73"/>
        <source>Unit of %1</source>
        <extracomment>Accessible name of a choice of units; %1 is what it is the unit of.</extracomment>
        <translation>Einheit von %1</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::QuestionDialog</name>
    <message>
        <location filename="../app/desktop/views/safe_text.cpp" line="+208"/>
        <source>Type “%1” to go on.</source>
        <extracomment>%1 is the word that must be typed before a dangerous action is possible.</extracomment>
        <translation>Geben Sie „%1“ ein, um fortzufahren.</translation>
    </message>
    <message>
        <location line="+13"/>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <location line="+35"/>
        <source>OK</source>
        <translation>OK</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::QueueTableModel</name>
    <message>
        <location filename="../app/desktop/models/queue_table_model.cpp" line="+172"/>
        <source>changing…</source>
        <extracomment>A queue whose pause or resume was asked for and is not confirmed yet.</extracomment>
        <translation>wechselt …</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>paused</source>
        <extracomment>State of a queue.</extracomment>
        <translation>angehalten</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>no worker</source>
        <extracomment>State of a queue that holds messages while no worker is attached; short.</extracomment>
        <translation>kein Worker</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>running</source>
        <extracomment>State of a queue that is not paused.</extracomment>
        <translation>läuft</translation>
    </message>
    <message>
        <location line="+20"/>
        <source>%1: %2</source>
        <extracomment>Read aloud for a cell of the queue table: column title and its value.</extracomment>
        <translation>%1: %2</translation>
    </message>
    <message>
        <location line="+10"/>
        <source>Nothing consumes this queue: messages wait and no worker is attached.</source>
        <extracomment>Tooltip of a queue.</extracomment>
        <translation>Niemand verarbeitet diese Queue: Nachrichten warten, und kein Worker ist verbunden.</translation>
    </message>
    <message>
        <location line="+16"/>
        <source>Queue</source>
        <extracomment>Column titles of the queue table; short.</extracomment>
        <translation>Queue</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Depth, last minute</source>
        <translation>Bestand</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Ready</source>
        <translation>Bereit</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Scheduled</source>
        <translation>Geplant</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Leased</source>
        <translation>Vergeben</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Retrying</source>
        <translation>Wiederholung</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Dead</source>
        <translation>Unzustellbar</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Lag</source>
        <translation>Rückstand</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>In</source>
        <extracomment>Messages coming in per second.</extracomment>
        <translation>Eingang</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Out</source>
        <extracomment>Messages acknowledged per second.</extracomment>
        <translation>Ausgang</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Workers</source>
        <translation>Worker</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::QueuesPage</name>
    <message>
        <location filename="../app/desktop/views/queues_page.cpp" line="+116"/>
        <source>Queues</source>
        <extracomment>Accessible name of the table of queues</extracomment>
        <translation>Queues</translation>
    </message>
    <message>
        <location line="+75"/>
        <source>differs from file</source>
        <extracomment>Chip: the policy of a queue was changed by hand</extracomment>
        <translation>weicht von der Datei ab</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Change policy…</source>
        <extracomment>Button that opens the policy of a queue for changes</extracomment>
        <translation>Regeln ändern …</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Reset to file</source>
        <extracomment>Button that takes the policy of the pipeline file again</extracomment>
        <translation>Wie in der Datei</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Takes the policy of the pipeline file again.</source>
        <translation>Nimmt wieder die Regeln der Pipeline-Datei.</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Export…</source>
        <extracomment>Button that writes the pipeline as a file</extracomment>
        <translation>Exportieren …</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Writes queues, subscriptions and schedules as they are now as a pipeline file.</source>
        <translation>Schreibt Queues, Abonnements und Zeitpläne, wie sie jetzt sind, als Pipeline-Datei.</translation>
    </message>
    <message>
        <location line="+34"/>
        <source>Space</source>
        <extracomment>Name of a key</extracomment>
        <translation>Leertaste</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Pause or resume the queue</source>
        <translation>Queue anhalten oder fortsetzen</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Enter</source>
        <translation>Eingabe</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Show its dead letters</source>
        <translation>Ihre Unzustellbaren zeigen</translation>
    </message>
    <message>
        <location line="+14"/>
        <source>Not connected yet</source>
        <translation>Noch nicht verbunden</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Queues appear as soon as the pipeline answers.</source>
        <translation>Queues erscheinen, sobald die Pipeline antwortet.</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>The connection is lost</source>
        <translation>Die Verbindung ist verloren</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>It is tried again until the pipeline answers.</source>
        <translation>Es wird weiter versucht, bis die Pipeline antwortet.</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>This pipeline has no queues</source>
        <translation>Diese Pipeline hat keine Queues</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Queues come from a pipeline file, or from a workload that is started.</source>
        <translation>Queues kommen aus einer Pipeline-Datei oder von einem gestarteten Workload.</translation>
    </message>
    <message>
        <location line="+28"/>
        <location line="+117"/>
        <source>Resume</source>
        <extracomment>Button</extracomment>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <location line="-117"/>
        <location line="+117"/>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <location line="-111"/>
        <source>%1 dead</source>
        <extracomment>Button that shows the dead letters of the queue; %1 is their number</extracomment>
        <translation>%1 unzustellbar</translation>
    </message>
    <message>
        <location line="+8"/>
        <source>Policy</source>
        <extracomment>Heading in the description of a queue</extracomment>
        <translation>Regeln</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Since the start</source>
        <extracomment>Heading in the description of a queue: totals since the node started</extracomment>
        <translation>Seit dem Start</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>Fed by</source>
        <extracomment>Heading in the description of a queue: the subscriptions that fill it</extracomment>
        <translation>Gespeist von</translation>
    </message>
    <message>
        <location line="+42"/>
        <source>Export the pipeline</source>
        <extracomment>Title of a dialog that asks for a file</extracomment>
        <translation>Pipeline exportieren</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Pipeline files (*.toml)</source>
        <translation>Pipeline-Dateien (*.toml)</translation>
    </message>
    <message>
        <location line="+58"/>
        <source>Show dead letters</source>
        <extracomment>Menu entry</extracomment>
        <translation>Unzustellbare zeigen</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::QueuesViewModel</name>
    <message>
        <location filename="../app/desktop/viewmodels/queues_in_words.cpp" line="+26"/>
        <source>Paused: %1 messages wait until somebody resumes it.</source>
        <extracomment>%1 is a number of messages.</extracomment>
        <translation>Angehalten: %1 Nachrichten warten, bis jemand fortsetzt.</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Paused: messages are accepted and none is delivered.</source>
        <translation>Angehalten: Nachrichten werden angenommen, keine wird zugestellt.</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Halted: it has as many dead letters as it may have. Replay, discard or archive some.</source>
        <translation>Angehalten: so viele Unzustellbare, wie sie haben darf. Stelle einige erneut ein, verwirf oder archiviere sie.</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Nothing consumes this queue: %1 messages are ready and no worker is attached. Start a worker, or the workload that uses it.</source>
        <extracomment>%1 is a number of messages.</extracomment>
        <translation>Niemand verarbeitet diese Queue: %1 Nachrichten sind bereit, und kein Worker ist verbunden. Starten Sie einen Worker oder den Workload, der sie benutzt.</translation>
    </message>
    <message>
        <location line="+6"/>
        <source>Full: new messages are refused until some are settled.</source>
        <translation>Voll: Neue Nachrichten werden abgewiesen, bis einige abgeschlossen sind.</translation>
    </message>
    <message>
        <location line="+61"/>
        <location line="+3"/>
        <source>Attempts</source>
        <extracomment>Caption and sentence about a queue&apos;s policy.
----------
%1 is a number of attempts.</extracomment>
        <translation>Versuche</translation>
    </message>
    <message>
        <location line="-3"/>
        <source>one, then it is a dead letter</source>
        <translation>einer, danach unzustellbar</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>up to %1, then it is a dead letter</source>
        <translation>bis zu %1, danach unzustellbar</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Backoff</source>
        <translation>Wartezeit zwischen Versuchen</translation>
    </message>
    <message>
        <location line="-37"/>
        <source>a random delay up to %1 after the first failure, times %2 each time, at most %3</source>
        <extracomment>%1 and %3 are durations, %2 is a factor such as 2.</extracomment>
        <translation>zufällig bis %1 nach dem ersten Fehler, jedes Mal mal %2, höchstens %3</translation>
    </message>
    <message>
        <location line="-29"/>
        <source>Full: producers wait until some messages are settled.</source>
        <translation>Voll: Produzenten warten, bis einige abgeschlossen sind.</translation>
    </message>
    <message>
        <location line="+22"/>
        <source>always %1</source>
        <extracomment>%1 is a duration.</extracomment>
        <translation>immer %1</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>one after the other: %1</source>
        <extracomment>%1 is a list of durations.</extracomment>
        <translation>nacheinander: %1</translation>
    </message>
    <message>
        <location line="+12"/>
        <source>a dead letter at once</source>
        <extracomment>What happens to a message that failed with a certain error.</extracomment>
        <translation>sofort unzustellbar</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>delays %1</source>
        <extracomment>%1 is a list of durations.</extracomment>
        <translation>Wartezeiten %1</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>up to %1 attempts</source>
        <extracomment>%1 is a number of attempts.</extracomment>
        <translation>bis zu %1 Versuche</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>as the others</source>
        <translation>wie die anderen</translation>
    </message>
    <message>
        <location line="+6"/>
        <source>%1, up to %2 at once after a pause</source>
        <extracomment>%1 is a rate such as 50/s, %2 a number of messages.</extracomment>
        <translation>%1, nach einer Pause bis zu %2 auf einmal</translation>
    </message>
    <message>
        <location line="+18"/>
        <source>Retry deadline</source>
        <extracomment>%1 is a duration.</extracomment>
        <translation>Frist für Versuche</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>no attempt later than %1 after the first</source>
        <translation>kein Versuch später als %1 nach dem ersten</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>On %1</source>
        <extracomment>%1 is a class of errors such as CardDeclined.</extracomment>
        <translation>Bei %1</translation>
    </message>
    <message>
        <location line="+7"/>
        <source>Concurrency</source>
        <extracomment>%1 is a number of messages.</extracomment>
        <translation>Gleichzeitig</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>at most %1 at once, over all workers</source>
        <translation>höchstens %1, über alle Worker</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Rate limit</source>
        <translation>Ratengrenze</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Rate limit of a key</source>
        <translation>Ratengrenze je Schlüssel</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Order of a key</source>
        <translation>Reihenfolge je Schlüssel</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>one after the other; behind a dead letter the others wait</source>
        <translation>eine nach der anderen; hinter einer unzustellbaren warten die übrigen</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>one after the other; a dead letter does not hold up the others</source>
        <translation>eine nach der anderen; eine unzustellbare hält die übrigen nicht auf</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>%1 messages or %2; beyond it producers wait for room</source>
        <translation>%1 Nachrichten oder %2; darüber warten Produzenten auf Platz</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>%1 messages or %2; beyond it submits are refused</source>
        <translation>%1 Nachrichten oder %2; darüber wird Neues abgewiesen</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Dead letters</source>
        <extracomment>%1 is a number of dead letters.</extracomment>
        <translation>Unzustellbare</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>at %1 the queue delivers nothing more</source>
        <translation>bei %1 stellt die Warteschlange nichts mehr zu</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Retention</source>
        <extracomment>%1 is a duration.</extracomment>
        <translation>Aufbewahrung</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>dead letters are archived after %1</source>
        <translation>Unzustellbare werden nach %1 archiviert</translation>
    </message>
    <message>
        <location line="-25"/>
        <source>Lease</source>
        <extracomment>%1 is a duration.</extracomment>
        <translation>Leihfrist</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>%1 to acknowledge or extend</source>
        <translation>%1 zum Bestätigen oder Verlängern</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Run time</source>
        <extracomment>%1 is a duration.</extracomment>
        <translation>Laufzeit</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>a handler counts as hung after %1</source>
        <translation>nach %1 gilt ein Handler als hängend</translation>
    </message>
    <message>
        <location line="+13"/>
        <source>Depth limit</source>
        <extracomment>%1 is a number of messages, %2 a size such as 1 GB.</extracomment>
        <translation>Grenze des Bestands</translation>
    </message>
    <message>
        <location line="+12"/>
        <source>Body limit</source>
        <extracomment>%1 is a size such as 1 MB.</extracomment>
        <translation>Grenze des Inhalts</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>%1 for each message</source>
        <translation>%1 je Nachricht</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Crashes</source>
        <extracomment>%1 is a number.</extracomment>
        <translation>Abstürze</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>a message that killed the node %1 times alone is a dead letter</source>
        <translation>eine Nachricht, die den Knoten %1-mal allein beendet hat, ist unzustellbar</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Unique keys</source>
        <translation>Eindeutige Schlüssel</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>a second message with the key is a duplicate until the first is settled</source>
        <translation>eine zweite Nachricht mit dem Schlüssel gilt als Dublette, bis die erste abgeschlossen ist</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Deduplication</source>
        <extracomment>%1 is a duration.</extracomment>
        <translation>Dublettenerkennung</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>off</source>
        <translation>aus</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>an idempotency key is remembered for %1</source>
        <translation>ein Idempotenzschlüssel gilt %1 lang</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>full: confirmed means on disk, it survives a power cut</source>
        <extracomment>What it means that a message is confirmed.</extracomment>
        <translation>full: bestätigt heißt auf dem Datenträger, übersteht einen Stromausfall</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>normal: survives a killed process; a power cut may take the last moments</source>
        <translation>normal: übersteht einen abgebrochenen Prozess; ein Stromausfall kann die letzten Augenblicke kosten</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>memory: gone when the process ends</source>
        <translation>memory: weg, wenn der Prozess endet</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Durability</source>
        <translation>Dauerhaftigkeit</translation>
    </message>
    <message>
        <location line="+8"/>
        <source>Submitted</source>
        <extracomment>Captions of totals since the node started.</extracomment>
        <translation>Eingestellt</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Delivered</source>
        <translation>Zugestellt</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Acknowledged</source>
        <translation>Bestätigt</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Retried</source>
        <translation>Wiederholt</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Dead-lettered</source>
        <translation>Unzustellbar geworden</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Replayed</source>
        <translation>Erneut eingestellt</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Refused</source>
        <translation>Abgewiesen</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Duplicates</source>
        <translation>Dubletten</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Leases lost</source>
        <translation>Verlorene Leihfristen</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Parked now</source>
        <extracomment>Messages that wait behind a dead letter of their key.</extracomment>
        <translation>Jetzt geparkt</translation>
    </message>
    <message>
        <location line="+5"/>
        <source>%1, 99 % within %2</source>
        <extracomment>Half of the durations are below %1, 99 of 100 below %2.</extracomment>
        <translation>%1, 99 % binnen %2</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Waiting</source>
        <extracomment>Caption: how long messages wait until they are delivered, the usual case and the slowest.</extracomment>
        <translation>Wartezeit</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>Running</source>
        <extracomment>Caption: how long handlers run, the usual case and the slowest.</extracomment>
        <translation>Laufzeit</translation>
    </message>
    <message>
        <location line="+13"/>
        <source>every message of topic %1</source>
        <translation>jede Nachricht des Topics %1</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>messages of topic %1 of type %2</source>
        <translation>Nachrichten des Topics %1 vom Typ %2</translation>
    </message>
    <message>
        <location filename="../app/desktop/viewmodels/queues_view_model.cpp" line="+105"/>
        <source>%1 was changed back by somebody else.</source>
        <extracomment>%1 is a queue&apos;s name.</extracomment>
        <translation>%1 wurde von jemand anderem zurückgestellt.</translation>
    </message>
    <message>
        <location line="+141"/>
        <source>%1 was not paused. %2</source>
        <extracomment>%1 is a queue&apos;s name, %2 the reason.</extracomment>
        <translation>%1 wurde nicht angehalten. %2</translation>
    </message>
    <message>
        <location line="+2"/>
        <source>%1 was not resumed. %2</source>
        <translation>%1 wurde nicht fortgesetzt. %2</translation>
    </message>
    <message>
        <location filename="../app/desktop/viewmodels/queues_policy.cpp" line="+41"/>
        <location line="+8"/>
        <source>none</source>
        <extracomment>A limit or rule that a policy does not have</extracomment>
        <translation>keine</translation>
    </message>
    <message>
        <location line="+35"/>
        <source>%1 has its new policy.</source>
        <extracomment>%1 is a queue&apos;s name.</extracomment>
        <translation>%1 hat die neuen Regeln.</translation>
    </message>
    <message>
        <location line="+14"/>
        <source>%1 has the policy of the pipeline file again.</source>
        <extracomment>%1 is a queue&apos;s name.</extracomment>
        <translation>%1 hat wieder die Regeln der Pipeline-Datei.</translation>
    </message>
    <message>
        <location line="+17"/>
        <source>The policy of %1 was not changed. %2</source>
        <extracomment>%1 is a queue&apos;s name, %2 the reason.</extracomment>
        <translation>Die Regeln von %1 wurden nicht geändert. %2</translation>
    </message>
    <message>
        <location line="+36"/>
        <source>The pipeline was not exported. %1</source>
        <extracomment>%1 is the reason.</extracomment>
        <translation>Die Pipeline wurde nicht exportiert. %1</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Exported without what a pipeline file cannot hold: %1</source>
        <extracomment>%1 are names of schedules.</extracomment>
        <translation>Exportiert ohne das, was eine Pipeline-Datei nicht fassen kann: %1</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Exported to %1</source>
        <extracomment>%1 is a path.</extracomment>
        <translation>Exportiert nach %1</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::StatCard</name>
    <message>
        <location filename="../app/desktop/views/widgets/stat_card.cpp" line="+104"/>
        <source>%1: %2. %3</source>
        <extracomment>For screen readers: %1 the name of a figure, %2 the figure, %3 a note.</extracomment>
        <translation>%1: %2. %3</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::StateName</name>
    <message>
        <location filename="../app/desktop/views/theme.cpp" line="+280"/>
        <source>ready</source>
        <extracomment>States of a message; the same words everywhere.</extracomment>
        <translation>bereit</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>scheduled</source>
        <translation>geplant</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>retrying</source>
        <translation>Wiederholung</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>leased</source>
        <translation>vergeben</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>parked</source>
        <translation>geparkt</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>done</source>
        <translation>erledigt</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>cancelled</source>
        <translation>abgebrochen</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>expired</source>
        <translation>abgelaufen</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>dead</source>
        <translation>unzustellbar</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>archived</source>
        <translation>archiviert</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>replayed</source>
        <translation>erneut eingestellt</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>discarded</source>
        <translation>verworfen</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::StatusBar</name>
    <message>
        <location filename="../app/desktop/views/status_bar.cpp" line="+20"/>
        <source>connecting</source>
        <extracomment>How fresh the figures of the window are.</extracomment>
        <translation>verbindet</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>fresh</source>
        <translation>aktuell</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>stale</source>
        <translation>veraltet</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>connection lost</source>
        <translation>Verbindung verloren</translation>
    </message>
    <message>
        <location line="+41"/>
        <source>How late the window&apos;s event loop ran in the last minute, measured every 10 ms.</source>
        <translation>Wie spät die Ereignisschleife des Fensters in der letzten Minute lief, alle 10 ms gemessen.</translation>
    </message>
    <message>
        <location line="+28"/>
        <source>%1 %2 s</source>
        <extracomment>%1 is &quot;fresh&quot;, &quot;stale&quot; or &quot;connection lost&quot;, %2 the age of the figures in seconds.</extracomment>
        <translation>%1 %2 s</translation>
    </message>
    <message>
        <location line="+6"/>
        <source>window late %1</source>
        <translation>Fensterverzug %1</translation>
    </message>
    <message>
        <location line="+15"/>
        <source>workers %1</source>
        <translation>Worker %1</translation>
    </message>
    <message>
        <location line="-14"/>
        <source>window late p99 %1, worst %2</source>
        <translation>Fensterverzug p99 %1, höchstens %2</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>no pipeline</source>
        <translation>keine Pipeline</translation>
    </message>
    <message>
        <location line="+9"/>
        <source>%1 msg/s</source>
        <extracomment>msg/s = messages per second</extracomment>
        <translation>%1 Nachr./s</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>store %1</source>
        <translation>Speicher %1</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::Text</name>
    <message>
        <location filename="../app/desktop/models/text_format.cpp" line="+134"/>
        <source>n/a</source>
        <extracomment>There is no figure; short, stands in place of a number.</extracomment>
        <translation>k. A.</translation>
    </message>
    <message>
        <location line="+39"/>
        <source>%1/s</source>
        <extracomment>A rate: %1 is a number, the unit is &quot;per second&quot;.</extracomment>
        <translation>%1/s</translation>
    </message>
    <message>
        <location line="+38"/>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <location line="+5"/>
        <source>%1 ago</source>
        <extracomment>%1 is a time span such as &quot;12 s&quot;.</extracomment>
        <translation>vor %1</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>in %1</source>
        <translation>in %1</translation>
    </message>
    <message>
        <location line="+20"/>
        <source>It does not exist any more.</source>
        <translation>Es existiert nicht mehr.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>It is no longer in the state that this needs.</source>
        <translation>Es ist nicht mehr in dem Zustand, den dies braucht.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>The stored data fails its check.</source>
        <translation>Die gespeicherten Daten bestehen ihre Prüfung nicht.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Somebody else holds it. Close that one, or try again later.</source>
        <translation>Jemand anders hält es. Schließen Sie das andere Programm, oder versuchen Sie es später noch einmal.</translation>
    </message>
    <message>
        <location line="+6"/>
        <source>The disk is full. Free some space, then try again.</source>
        <translation>Der Datenträger ist voll. Schaffen Sie Platz, und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>The operating system refused it. Check that the place exists and that you may write there, or choose another one.</source>
        <translation>Das Betriebssystem hat es verweigert. Prüfen Sie, ob es den Ort gibt und ob Sie dort schreiben dürfen, oder wählen Sie einen anderen.</translation>
    </message>
    <message>
        <location line="+17"/>
        <source>%1 Details: %2</source>
        <extracomment>%1 says what happened and what to do, %2 is technical, in English.</extracomment>
        <translation>%1 Einzelheiten: %2</translation>
    </message>
    <message>
        <location line="-23"/>
        <source>No answer came in time. Nothing was changed.</source>
        <translation>Es kam keine Antwort in der Frist. Nichts wurde geändert.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>It was cancelled before it took effect.</source>
        <translation>Es wurde abgebrochen, bevor es wirkte.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>The connection is closed. Nothing was changed.</source>
        <translation>Die Verbindung ist geschlossen. Nichts wurde geändert.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>A limit refuses it.</source>
        <translation>Eine Grenze verbietet es.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>The queue is full.</source>
        <translation>Die Queue ist voll.</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>The other side does not keep to the protocol.</source>
        <translation>Die Gegenseite hält sich nicht an das Protokoll.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>This pipeline cannot do that.</source>
        <translation>Diese Pipeline kann das nicht.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>The input is not valid.</source>
        <translation>Die Eingabe ist ungültig.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>The lease is over. Nothing was changed.</source>
        <translation>Die Leihfrist ist vorbei. Nichts wurde geändert.</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Nobody can tell whether it took effect. Look before you try again.</source>
        <translation>Niemand kann sagen, ob es gewirkt hat. Sehen Sie nach, bevor Sie es erneut versuchen.</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>An internal error; please report it.</source>
        <translation>Ein interner Fehler; bitte melden Sie ihn.</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::WorkloadCard</name>
    <message>
        <location filename="../app/desktop/views/workloads_card.cpp" line="+37"/>
        <source>%1 %</source>
        <extracomment>%1 is a number between 0 and 100.</extracomment>
        <translation>%1 %</translation>
    </message>
    <message>
        <location line="+110"/>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <location line="+8"/>
        <source>submitted</source>
        <translation>eingestellt</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>acknowledged</source>
        <translation>bestätigt</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>retried</source>
        <translation>wiederholt</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>dead</source>
        <translation>unzustellbar</translation>
    </message>
    <message>
        <location line="+26"/>
        <source>Folder…</source>
        <translation>Ordner …</translation>
    </message>
    <message>
        <location line="+10"/>
        <source>200 sample pictures</source>
        <translation>200 Beispielbilder</translation>
    </message>
    <message>
        <location line="+5"/>
        <source>Pictures to make thumbnails of</source>
        <translation>Bilder für die Vorschaubilder</translation>
    </message>
    <message>
        <location line="+19"/>
        <source>all</source>
        <extracomment>Number of messages: as many as there are pictures or events.</extracomment>
        <translation>alle</translation>
    </message>
    <message>
        <location line="+5"/>
        <source>unlimited</source>
        <extracomment>Rate: as fast as possible.</extracomment>
        <translation>unbegrenzt</translation>
    </message>
    <message>
        <location line="+15"/>
        <source>Count</source>
        <translation>Anzahl</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Rate per second</source>
        <translation>Rate pro Sekunde</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Burst</source>
        <translation>Schub</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>So many are submitted together; the rate is kept on average.</source>
        <translation>So viele werden zusammen eingestellt; die Rate gilt im Mittel.</translation>
    </message>
    <message>
        <location line="+86"/>
        <source>Waits for the pipeline</source>
        <translation>Wartet auf die Pipeline</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Prepares its input and workers…</source>
        <translation>Bereitet Eingaben und Worker vor …</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Could not be prepared</source>
        <translation>Vorbereitung gescheitert</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Prepares its input…</source>
        <translation>Bereitet Eingaben vor …</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>Submits %1 of %2</source>
        <translation>Stellt %1 von %2 ein</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>%1 still in its queues</source>
        <translation>%1 noch in den Queues</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>Ready to start</source>
        <translation>Bereit zum Start</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>All settled</source>
        <translation>Alles abgeschlossen</translation>
    </message>
    <message>
        <location line="+9"/>
        <source>Stop</source>
        <translation>Stopp</translation>
    </message>
    <message>
        <location line="+0"/>
        <source>Start</source>
        <translation>Start</translation>
    </message>
    <message>
        <location line="+10"/>
        <source>%1 %2</source>
        <extracomment>For screen readers: %1 is Start or Stop, %2 the title of a workload.</extracomment>
        <translation>%1 %2</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::WorkloadCardModel</name>
    <message>
        <location filename="../app/desktop/viewmodels/workloads_view_model.cpp" line="+32"/>
        <source>This workload met a problem. Details: %1</source>
        <translation>Bei diesem Workload gibt es ein Problem. Einzelheiten: %1</translation>
    </message>
    <message>
        <location line="+173"/>
        <source>Not everything could be submitted. Details: %1</source>
        <extracomment>A message was not accepted; it is submitted again where that helps. %1 is technical, in English.</extracomment>
        <translation>Nicht alles konnte eingereicht werden. Einzelheiten: %1</translation>
    </message>
</context>
<context>
    <name>millrace::desktop::WorkloadsPage</name>
    <message>
        <location filename="../app/desktop/views/workloads_page.cpp" line="+24"/>
        <source>No workloads here</source>
        <translation>Hier gibt es keine Workloads</translation>
    </message>
    <message>
        <location line="+1"/>
        <source>This window watches a pipeline that runs elsewhere, and has no workloads of its own.</source>
        <translation>Dieses Fenster beobachtet eine Pipeline, die anderswo läuft, und hat keine eigenen Workloads.</translation>
    </message>
    <message>
        <location line="+11"/>
        <source>Real input, real work, failures for real reasons. What you start here runs through the pipeline that the other pages show.</source>
        <translation>Echte Eingaben, echte Arbeit, Fehler aus echten Gründen. Was Sie hier starten, läuft durch die Pipeline, die die anderen Seiten zeigen.</translation>
    </message>
</context>
<context>
    <name>millrace::handlers::CheckoutWorkload</name>
    <message>
        <location filename="../app/handlers/checkout_workload.cpp" line="+79"/>
        <source>Checkout</source>
        <extracomment>Title of a demo workload: completes the orders of a shop</extracomment>
        <translation>Kasse</translation>
    </message>
    <message>
        <location line="+6"/>
        <source>Asks shipping, payment and stock for each order at the same time over HTTP; a service that is unavailable or too slow is asked again later, a declined card is final.</source>
        <extracomment>What the demo workload &quot;Checkout&quot; does, one sentence</extracomment>
        <translation>Fragt für jede Bestellung Versand, Zahlung und Lager gleichzeitig über HTTP; ein Dienst, der nicht erreichbar oder zu langsam ist, wird später erneut gefragt, eine abgelehnte Karte ist endgültig.</translation>
    </message>
    <message>
        <location line="+50"/>
        <source>Latency of the services</source>
        <extracomment>Slider: how long the demo services take to answer</extracomment>
        <translation>Latenz der Dienste</translation>
    </message>
    <message>
        <location line="+4"/>
        <source>Unavailable (503)</source>
        <extracomment>Slider: how often a demo service answers 503 Service Unavailable</extracomment>
        <translation>Nicht erreichbar (503)</translation>
    </message>
    <message>
        <location line="+3"/>
        <source>Cards declined</source>
        <extracomment>Slider: share of the orders whose card is declined</extracomment>
        <translation>Abgelehnte Karten</translation>
    </message>
</context>
<context>
    <name>millrace::handlers::EarthquakesWorkload</name>
    <message>
        <location filename="../app/handlers/earthquakes_workload.cpp" line="+96"/>
        <source>Earthquakes</source>
        <extracomment>Title of a demo workload: a week of earthquake events</extracomment>
        <translation>Erdbeben</translation>
    </message>
    <message>
        <location line="+6"/>
        <source>Publishes a week of earthquakes from the USGS to a topic with two subscriptions; events that do not fit the schema become dead letters, the others raise alerts and fill a sliding window.</source>
        <extracomment>What the demo workload &quot;Earthquakes&quot; does, one sentence. USGS is the U.S. Geological Survey</extracomment>
        <translation>Veröffentlicht eine Woche Erdbeben des USGS in einem Topic mit zwei Abonnements; Ereignisse, die nicht zum Schema passen, werden unzustellbar, die übrigen lösen Alarme aus und füllen ein gleitendes Fenster.</translation>
    </message>
</context>
<context>
    <name>millrace::handlers::ImagesWorkload</name>
    <message>
        <location filename="../app/handlers/images_workload.cpp" line="+131"/>
        <source>Images</source>
        <extracomment>Title of a demo workload: makes thumbnails of pictures</extracomment>
        <translation>Bilder</translation>
    </message>
    <message>
        <location line="+6"/>
        <source>Makes three thumbnails of each picture in a folder; files that are cut off cannot be decoded and are rejected with the decoder&apos;s own error.</source>
        <extracomment>What the demo workload &quot;Images&quot; does, one sentence</extracomment>
        <translation>Macht von jedem Bild eines Ordners drei Vorschaubilder; abgeschnittene Dateien lassen sich nicht lesen und werden mit dem Fehler des Decoders abgelehnt.</translation>
    </message>
    <message>
        <location line="+98"/>
        <source>There are no pictures in the folder %1. Choose another one.</source>
        <extracomment>%1 is a folder</extracomment>
        <translation>Im Ordner %1 sind keine Bilder. Wählen Sie einen anderen.</translation>
    </message>
</context>
<context>
    <name>millrace::handlers::WorkloadBase</name>
    <message>
        <location filename="../app/handlers/workload_base.cpp" line="+112"/>
        <source>This workload runs already.</source>
        <translation>Dieser Workload läuft schon.</translation>
    </message>
    <message>
        <location line="+118"/>
        <source>This workload is not started yet. Start it, then submit.</source>
        <translation>Dieser Workload ist noch nicht gestartet. Starten Sie ihn, und reichen Sie dann ein.</translation>
    </message>
    <message>
        <location line="+5"/>
        <source>A submission runs already. Stop it, or wait until it has ended.</source>
        <translation>Es wird schon eingereicht. Halten Sie das an, oder warten Sie, bis es beendet ist.</translation>
    </message>
    <message>
        <location line="+45"/>
        <source>This workload is just being started or stopped. Try again in a moment.</source>
        <translation>Dieser Workload wird gerade gestartet oder angehalten. Versuchen Sie es gleich noch einmal.</translation>
    </message>
</context>
</TS>
