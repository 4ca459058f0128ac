/** Words that people choose as passwords, in small letters. Source: words of published lists, picked by hand. */
export const commonWords: readonly string[] = (
  'password passwort passwords passphrase kennwort motdepasse contrasena senha parola haslo wachtwoord ' +
  'admin administrator root superuser user username guest test tester testing demo default changeme change ' +
  'secret private login logon signin access account enter letmein welcome willkommen bienvenue hello hallo ' +
  'qwerty qwertz azerty asdfgh zxcvbn dvorak keyboard computer internet server system network database ' +
  'monkey dragon tiger lion eagle shark falcon phoenix panther wolf bear horse kitty puppy doggy buddy ' +
  'football fussball soccer baseball basketball hockey tennis golf rugby cricket skate ' +
  'chelsea arsenal liverpool barcelona madrid bayern juventus yankees lakers cowboys steelers ranger rangers ' +
  'superman batman spiderman ironman pokemon pikachu naruto starwars startrek matrix gandalf hobbit mario zelda ' +
  'minecraft fortnite master hunter killer shadow ninja samurai knight wizard warrior soldier sniper legend ' +
  'princess prince queen king angel devil heaven lucky happy smile sunshine sunny rainbow flower rose lily ' +
  'butterfly cookie cheese chocolate banana apple orange cherry lemon peach pepper ginger sugar honey coffee ' +
  'purple yellow green black white silver golden diamond crystal pearl ' +
  'love lover iloveyou loveyou babygirl babyboy baby sweet sweetie darling sexy forever together friends family ' +
  'mother father mama papa sister brother jesus christ godis blessed faith grace hope freedom liberty peace ' +
  'america london berlin paris moscow tokyo sydney texas california florida canada england germany france ' +
  'mustang corvette ferrari porsche mercedes yamaha harley honda toyota subaru ' +
  'michael jennifer jessica jordan daniel andrew joshua matthew anthony thomas robert william charlie george ' +
  'ashley nicole amanda michelle melissa stephanie samantha elizabeth alexander benjamin nicholas maggie bailey ' +
  'summer winter spring autumn monday tuesday wednesday thursday friday saturday sunday january february ' +
  'march april june july august september october november december ' +
  'nothing whatever trustno something anything please thankyou money dollar million business company office ' +
  'google facebook youtube twitter microsoft windows android iphone samsung apple github amazon ' +
  'one two three four five six seven eight nine zero abc xyz the and my your you are its this that new old good bad ' +
  'best first last pass word pwd letme trust mypass mypassword newpassword oldpassword temp temporary'
)
  .split(' ')
  .filter((word, index, all) => all.indexOf(word) === index)

/** Lines of keyboards, from left to right and from top to bottom. */
export const keyboardLines: readonly string[] = [
  '1234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'qazwsxedcrfvtgbyhnujmikolp',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
  '147258369',
  '789456123',
]
