<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US">
<context>
    <name>SendBack</name>
    <message numerus="yes">
        <source>%n change(s).</source>
        <translation>
            <numerusform>%n change.</numerusform>
            <numerusform>%n changes.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n change(s), as listed.</source>
        <translation>
            <numerusform>%n change, as listed.</numerusform>
            <numerusform>%n changes, as listed.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message numerus="yes">
        <source>%n line(s)</source>
        <translation>
            <numerusform>%n line</numerusform>
            <numerusform>%n lines</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TextEditor</name>
    <message numerus="yes">
        <source>about %n character(s) less</source>
        <translation>
            <numerusform>about %n character less</numerusform>
            <numerusform>about %n characters less</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>room for about %n more</source>
        <translation>
            <numerusform>room for about %n character more</numerusform>
            <numerusform>room for about %n characters more</numerusform>
        </translation>
    </message>
</context>
</TS>
