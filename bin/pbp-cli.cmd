@echo off
rem Starts pbp-cli on Windows. Not tried yet. Name a server of your own (--url or PBP_URL): the embedded one is for Linux and macOS.
setlocal
set "root=%~dp0.."
set "jar=%root%\pbp-cli\target\pbp-cli.jar"
set "java=java.exe"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java.exe"
if exist "%root%\lib\pbp-cli.jar" (
  set "jar=%root%\lib\pbp-cli.jar"
  set "java=%root%\runtime\bin\java.exe"
)
if exist "%jar%" goto start
echo pbp-cli: building with Maven, which is needed once and takes a minute or so 1>&2
call mvn -q -B -Dmaven.test.skip=true -Dembedded.postgres.platform=windows-amd64 -f "%root%\pom.xml" -pl pbp-cli -am package 1>&2
if not exist "%jar%" (
  echo pbp-cli: the build failed; Maven's words are above 1>&2
  exit /b 1
)
:start
set "flags=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
if "%~1"=="serve" set "flags=-XX:+UseSerialGC"
"%java%" -Xlog:disable -XX:+ExitOnOutOfMemoryError %flags% -Dfile.encoding=UTF-8 -cp "%jar%" dev.pbp.cli.Main %*
exit /b %ERRORLEVEL%
